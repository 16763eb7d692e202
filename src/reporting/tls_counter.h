// Counts connections to other mail servers by what they showed about TLS, for the reports to the domains that mail was
// for (RFC 8460). One count for each connection, however many messages go over it.
#pragma once

#include "reporting/tls_rows.h"
#include "store/tally.h"

#include <string_view>

namespace tegami::reporting {

class TlsCounter {
public:
    /// It outlives the counter.
    explicit TlsCounter(store::Tally& tally) : tally_(tally) {}

    /// Counts a connection for the domain (in A-labels). From any thread; a few microseconds. Whether the domain wants
    /// a report is asked when it is due.
    void count(std::string_view domain, const TlsRow& row) {
        if (!domain.starts_with('[')) tally_.count(store::TallyKind::tls, domain, encode_tls_row(row));
    }

private:
    store::Tally& tally_;
};

} // namespace tegami::reporting
