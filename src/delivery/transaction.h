// A message that reception has accepted, on its way to mailboxes and the queue.
#pragma once

#include "ingest/intake.h"
#include "reception/reception.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::delivery {

struct Transaction {
    /// Nothing for "<>".
    std::optional<message::EmailAddress> reverse_path;
    std::vector<reception::AcceptedRecipient> recipients;
    ingest::Arrival arrival;
    std::uint64_t content_from = 0; ///< octets at the front of the blob that never leave this server (Return-Path)
    std::string prefix;             ///< our signatures, for copies that leave this server
    bool junk = false;              ///< copies in accounts go to Junk
    bool passed_on = false;         ///< a stranger's: copies that leave are forwarded, with a return path of ours (SRS)
    bool tls_optional = false;      ///< a report about TLS: leaves though the policy of its domain is not met
    std::optional<message::Domain> author = {}; ///< whose letter it is, if DMARC passed
    std::vector<message::Domain> signers = {};  ///< whose signatures of it are good (DKIM)
    std::string submitter;                      ///< the account that logged in, or empty
    std::string origin;                         ///< the client's address, for reports; empty for our own reports
    std::string journey;
};

} // namespace tegami::delivery
