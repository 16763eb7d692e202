// A letter that the server writes itself, stored and signed: reports about delivery, about mail in a domain's name,
// about TLS.
#pragma once

#include "ingest/intake.h"
#include "signing/signatures.h"
#include "store/engine/engine.h"

#include <string>

namespace tegami::reporting {

struct OwnLetter {
    ingest::Arrival arrival;
    std::string front;     ///< what stands before it for mailboxes here only (Return-Path); the reverse path is empty
    std::string signature; ///< for copies that leave; empty if its From is in no domain of ours that signs
};

/// Both outlive the call. Errors: no_space, unavailable.
async::Awaitable<store::StoreResult<OwnLetter>> store_own_letter(store::Engine* engine, signing::Signatures* signatures,
                                                                 std::string octets, std::string journey);

} // namespace tegami::reporting
