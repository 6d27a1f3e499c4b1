//! What all peers of the server share: the certificate, the cryptography library, the addresses that new peers offer, and the counts.

use super::{candidate_addresses::CandidateAddresses, figures::VoiceCounts};
use std::sync::{Arc, PoisonError, RwLock};
use str0m::config::{CryptoProvider, DtlsCert};

/// What all peers of the server share.
pub struct Setup {
    pub crypto: Arc<CryptoProvider>,
    pub certificate: DtlsCert,
    /// What all peers together have received and sent.
    pub counts: Arc<VoiceCounts>,
    /// What the next peers offer. It changes with the interfaces of this machine; peers keep what they have offered.
    candidates: RwLock<Arc<CandidateAddresses>>,
}

impl Setup {
    /// Makes the DTLS certificate that all peers present.
    ///
    /// # Errors
    /// If the cryptography library can't make one.
    pub fn new(candidates: CandidateAddresses) -> Result<Self, NoCertificate> {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate().ok_or(NoCertificate)?;
        Ok(Self {
            crypto,
            certificate,
            counts: Arc::default(),
            candidates: RwLock::new(Arc::new(candidates)),
        })
    }

    /// The addresses that a new peer offers.
    pub fn candidates(&self) -> Arc<CandidateAddresses> {
        self.candidates.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the addresses that new peers offer from now on. False if they are the same as before.
    pub fn set_candidates(&self, candidates: CandidateAddresses) -> bool {
        let mut current = self.candidates.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = **current != candidates;
        if is_new {
            *current = Arc::new(candidates);
        }
        is_new
    }
}

/// The cryptography library could not make a DTLS certificate.
#[derive(Debug, thiserror::Error)]
#[error("could not make a DTLS certificate for the voice connections")]
pub struct NoCertificate;
