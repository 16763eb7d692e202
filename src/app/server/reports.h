// What is reported about mail, from others to us and from us to others (docs/authentication.md).
#pragma once

#include "app/server/backend.h"
#include "delivery/delivery.h"
#include "extraction/archives.h"
#include "net/network.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "reporting/daily.h"
#include "reporting/dmarc_counter.h"
#include "reporting/dmarc_writer.h"
#include "reporting/mailer.h"
#include "reporting/receiver.h"
#include "reporting/tls_counter.h"
#include "reporting/tls_writer.h"
#include "signing/signatures.h"

#include <memory>
#include <string>

namespace tegami::app {

/// Reports of others, read as they come.
class IncomingReports {
public:
    /// All of them outlive it.
    struct Dependencies {
        Backend& backend;
        extraction::Helpers* helpers; ///< null: none in archives are read
        async::WorkerPool& waiting;   ///< for the helper
        async::WorkerPool& parsing;
        async::Timers& timers;
        Log& log;
    };

    explicit IncomingReports(Dependencies dependencies);

    reporting::Receiver& receiver() { return receiver_; }

private:
    const reporting::DmarcReader dmarc_reader_;
    const reporting::TlsReader tls_reader_;
    extraction::Archives archives_;
    reporting::Receiver receiver_;
};

/// Reports to others: counted as mail comes and goes, sent daily.
class OutgoingReports {
public:
    /// All of them outlive it.
    struct Dependencies {
        const Config& config; ///< as it was at the start
        Backend& backend;
        delivery::Delivery& delivery;
        signing::Signatures& signatures;
        net::Network& network;
        net::Resolver& resolver;
        std::shared_ptr<const net::TlsClientContext> tls;
        net::AddressCheck may_reach; ///< of others' web servers
        async::WorkerPool& long_jobs;
        async::Timers& timers;
        Log& log;
    };

    explicit OutgoingReports(Dependencies dependencies);

    reporting::DmarcCounter& dmarc_counter() { return dmarc_counter_; }

    reporting::TlsCounter& tls_counter() { return tls_counter_; }

    reporting::Daily& daily() { return daily_; }

private:
    OutgoingReports(const Dependencies& dependencies, const message::Domain& sender);

    reporting::DmarcCounter dmarc_counter_;
    reporting::TlsCounter tls_counter_;
    reporting::Mailer mailer_;
    reporting::DmarcWriter dmarc_writer_;
    reporting::TlsWriter tls_writer_;
    reporting::Daily daily_;
};

} // namespace tegami::app
