// Every kind of provider: one line each. A new one is a file beside this one and a line here.
import type { ProviderType } from '../config.ts';
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';
import { amazon } from './amazon.ts';
import { apple } from './apple.ts';
import { dingtalk } from './dingtalk.ts';
import { discord } from './discord.ts';
import { facebook } from './facebook.ts';
import { github, githubApp } from './github.ts';
import { gitlab } from './gitlab.ts';
import { google } from './google.ts';
import { jackson } from './jackson.ts';
import { lark } from './lark.ts';
import { line } from './line.ts';
import { linkedin, linkedinV2 } from './linkedin.ts';
import { microsoft } from './microsoft.ts';
import { netid } from './netid.ts';
import { patreon } from './patreon.ts';
import { slack } from './slack.ts';
import { spotify } from './spotify.ts';
import { uaepass } from './uaepass.ts';
import { auth0, salesforce } from './userinfo-by-issuer.ts';
import { vk } from './vk.ts';
import { x } from './x.ts';
import { yandex } from './yandex.ts';

export const PROVIDERS: Readonly<Record<ProviderType, ProviderMaker>> = {
  generic: (config, deps) => createOpenIdProvider(config, deps),
  amazon,
  apple,
  auth0,
  dingtalk,
  discord,
  facebook,
  github,
  'github-app': githubApp,
  gitlab,
  google,
  jackson,
  lark,
  line,
  linkedin,
  linkedin_v2: linkedinV2,
  microsoft,
  netid,
  patreon,
  salesforce,
  slack,
  spotify,
  uaepass,
  vk,
  x,
  yandex,
};
