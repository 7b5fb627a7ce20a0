// Lets forms use security keys and passkeys: the functions that the nodes of a form name in `onclickTrigger` and `onloadTrigger`.
(() => {
  if (typeof window === 'undefined' || !window.PublicKeyCredential) return;
  if (window.__oryWebAuthnInitialized) return;

  function toBytes(base64url) {
    const base64 = base64url.replace(/-/g, '+').replace(/_/g, '/');
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  function fromBytes(buffer) {
    let text = '';
    for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
    return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function field(name) {
    return document.querySelector(`*[name="${name}"]`);
  }

  function withBytes(descriptors) {
    return descriptors.map((descriptor) => ({ ...descriptor, id: toBytes(descriptor.id) }));
  }

  function creationArguments(options) {
    const { publicKey } = options;
    return {
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
        ...(publicKey.excludeCredentials
          ? { excludeCredentials: withBytes(publicKey.excludeCredentials) }
          : {}),
      },
    };
  }

  function requestArguments(options) {
    const { publicKey } = options;
    return {
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        ...(publicKey.allowCredentials ? { allowCredentials: withBytes(publicKey.allowCredentials) } : {}),
      },
    };
  }

  function newKeyAnswer(credential) {
    const { response } = credential;
    const transports = typeof response.getTransports === 'function' ? response.getTransports() : [];
    return JSON.stringify({
      id: credential.id,
      rawId: fromBytes(credential.rawId),
      type: credential.type,
      response: {
        attestationObject: fromBytes(response.attestationObject),
        clientDataJSON: fromBytes(response.clientDataJSON),
        ...(transports.length > 0 ? { transports } : {}),
      },
    });
  }

  function assertionAnswer(credential) {
    const { response } = credential;
    return JSON.stringify({
      id: credential.id,
      rawId: fromBytes(credential.rawId),
      type: credential.type,
      response: {
        authenticatorData: fromBytes(response.authenticatorData),
        clientDataJSON: fromBytes(response.clientDataJSON),
        signature: fromBytes(response.signature),
        userHandle: response.userHandle ? fromBytes(response.userHandle) : '',
      },
    });
  }

  function submit(input, value) {
    input.value = value;
    input.closest('form').submit();
  }

  // Pages may show the problem themselves: whoever cancels the event takes that over.
  function report(error) {
    const detail = { name: error.name, message: error.message };
    const event = new CustomEvent('oryWebAuthnError', { cancelable: true, detail });
    if (!window.dispatchEvent(event)) return;
    console.error(error);
    if (error.name !== 'NotAllowedError' && error.name !== 'AbortError') alert(error.message);
  }

  function oryWebAuthnLogin(
    options,
    resultSelector = '*[name="webauthn_login"]',
    triggerSelector = '*[name="webauthn_login_trigger"]',
  ) {
    const asked = options || JSON.parse(document.querySelector(triggerSelector).value);
    return navigator.credentials
      .get(requestArguments(asked))
      .then((credential) => submit(document.querySelector(resultSelector), assertionAnswer(credential)))
      .catch(report);
  }

  function oryWebAuthnRegistration(
    options,
    resultSelector = '*[name="webauthn_register"]',
    triggerSelector = '*[name="webauthn_register_trigger"]',
  ) {
    const asked = options || JSON.parse(document.querySelector(triggerSelector).value);
    return navigator.credentials
      .create(creationArguments(asked))
      .then((credential) => submit(document.querySelector(resultSelector), newKeyAnswer(credential)))
      .catch(report);
  }

  async function oryPasskeyLoginAutocompleteInit() {
    const challenge = field('passkey_challenge');
    const result = field('passkey_login');
    if (!challenge?.value || !result || !field('identifier')) return;
    // Automated tests of a page must be able to submit it without the browser asking for a passkey.
    if (window.Cypress) return;
    const { isConditionalMediationAvailable } = window.PublicKeyCredential;
    if (typeof isConditionalMediationAvailable !== 'function') return;
    if (!(await window.PublicKeyCredential.isConditionalMediationAvailable())) return;
    if (window.abortPasskeyConditionalUI) window.abortPasskeyConditionalUI.abort('Started again');
    const controller = new AbortController();
    window.abortPasskeyConditionalUI = controller;
    try {
      const credential = await navigator.credentials.get({
        ...requestArguments(JSON.parse(challenge.value)),
        mediation: 'conditional',
        signal: controller.signal,
      });
      submit(result, assertionAnswer(credential));
    } catch (error) {
      // Nobody asked for it, so nobody is told.
      if (!controller.signal.aborted) console.info(error);
    }
  }

  async function oryPasskeyLogin() {
    const challenge = field('passkey_challenge');
    const result = field('passkey_login');
    if (!challenge?.value || !result) return;
    // A browser answers one request at a time.
    if (window.abortPasskeyConditionalUI) window.abortPasskeyConditionalUI.abort('Asked by a click');
    window.abortPasskeyConditionalUI = undefined;
    try {
      const credential = await navigator.credentials.get(requestArguments(JSON.parse(challenge.value)));
      submit(result, assertionAnswer(credential));
    } catch (error) {
      report(error);
      void oryPasskeyLoginAutocompleteInit();
    }
  }

  function typedName({ displayNameFieldNames, displayNameFieldName }) {
    const names = displayNameFieldNames || [displayNameFieldName];
    const typed = names.map((name) => field(name)).find((input) => input?.value);
    return typed ? typed.value : undefined;
  }

  async function oryPasskeyRegistration() {
    const data = field('passkey_create_data');
    const result = field('passkey_register');
    if (!data?.value || !result) return;
    const created = JSON.parse(data.value);
    const options = created.credentialOptions;
    const name = typedName(created);
    if (name) options.publicKey.user = { ...options.publicKey.user, name, displayName: name };
    try {
      submit(result, newKeyAnswer(await navigator.credentials.create(creationArguments(options))));
    } catch (error) {
      report(error);
    }
  }

  async function oryPasskeySettingsRegistration() {
    const data = field('passkey_create_data');
    const result = field('passkey_settings_register');
    if (!data?.value || !result) return;
    try {
      const credential = await navigator.credentials.create(creationArguments(JSON.parse(data.value)));
      submit(result, newKeyAnswer(credential));
    } catch (error) {
      report(error);
    }
  }

  const functions = {
    oryWebAuthnLogin,
    oryWebAuthnRegistration,
    oryPasskeyLogin,
    oryPasskeyLoginAutocompleteInit,
    oryPasskeyRegistration,
    oryPasskeySettingsRegistration,
  };
  for (const [name, run] of Object.entries(functions)) {
    window[name] = run;
    window[`__${name}`] = run;
  }
  window.__oryWebAuthnInitialized = true;
  window.dispatchEvent(new CustomEvent('oryWebAuthnInitialized'));
})();
