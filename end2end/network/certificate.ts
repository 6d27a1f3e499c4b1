/** The certificates that `scripts/test_network.sh` has made: an authority that the tests' browsers trust, and a certificate for `*.lab.test`. */
import path from 'node:path';
import { sh } from './shell';

export const FOLDER = process.env.SNUG_LAB_DIR as string;
if (!FOLDER) throw new Error('these tests run in a network of their own: make test-network');

export const CERTIFICATE = path.join(FOLDER, 'lab.pem');
export const KEY = path.join(FOLDER, 'lab.key');
/** The certificate of the authority, and its key. */
export const AUTHORITY = path.join(FOLDER, 'authority.pem');
const AUTHORITY_KEY = path.join(FOLDER, 'authority.key');

export interface CertificateFiles {
  certificate: string;
  key: string;
}

/** Makes a certificate of the lab's authority for a host name, and puts that of the authority behind it. Negative `days` make one that has
 *  expired. */
export async function makeCertificate(name: string, host: string, days: number): Promise<CertificateFiles> {
  const base = path.join(FOLDER, name);
  await sh(`
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=${name}' -keyout ${base}.key -out ${base}.csr
    openssl x509 -req -in ${base}.csr -CA ${AUTHORITY} -CAkey ${AUTHORITY_KEY} -days ${days} -out ${base}.pem \
      -extfile <(echo 'subjectAltName=DNS:${host}')
    cat ${AUTHORITY} >>${base}.pem
  `);
  return { certificate: `${base}.pem`, key: `${base}.key` };
}

/** A home folder with a certificate database of NSS, which Chromium reads. */
export const BROWSER_HOME = path.join(FOLDER, 'home');
