/** The certificates that `scripts/test_network.sh` has made: an authority that the tests' browsers trust, and a certificate for `*.lab.test`. */
import path from 'node:path';

export const FOLDER = process.env.SNUG_LAB_DIR as string;
if (!FOLDER) throw new Error('these tests run in a network of their own: make test-network');

export const CERTIFICATE = path.join(FOLDER, 'lab.pem');
export const KEY = path.join(FOLDER, 'lab.key');
/** A home folder with a certificate database of NSS, which Chromium reads. */
export const BROWSER_HOME = path.join(FOLDER, 'home');
