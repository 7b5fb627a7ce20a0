// The thread in which long crypt(3) jobs run: computes the one it was started with, answers and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { type CryptJob, crypt } from './crypt.ts';

// The cast: the only starter of this file is crypt-formats.ts, which hands over a CryptJob.
parentPort?.postMessage(crypt(workerData as CryptJob));
