// A resolver that answers from a table, on virtual time, and fails when told to.
#pragma once

#include "async/timer.h"
#include "net/resolver.h"

#include <map>
#include <utility>

namespace tegami::net {

class SimulatedResolver final : public Resolver {
public:
    explicit SimulatedResolver(async::Timers* timers, Duration latency = std::chrono::milliseconds(5))
        : timers_(timers), latency_(latency) {}

    /// Adds a record in the form of a zone file: add("b.test", "MX", "10 mail.b.test").
    void add(std::string_view name, std::string_view type, std::string_view data);
    /// Adds a record; its name exists from now on.
    void add(dns::Record record);
    /// Every question for this name ends so, whatever the table says, until forget_failure().
    void fail(std::string_view name, DnsStatus status);
    void forget_failure(std::string_view name);
    /// From now on answers count as proven, or not.
    void set_secure(std::string_view name, bool secure);
    void clear();

    async::Awaitable<DnsAnswer> query(dns::Name name, dns::Type type) override;

private:
    DnsAnswer answer(const dns::Name& name, dns::Type type) const;

    async::Timers* const timers_;
    const Duration latency_;
    std::multimap<dns::Name, dns::Record> records_;
    std::map<dns::Name, DnsStatus> failures_;
    std::map<dns::Name, bool> secure_;
};

} // namespace tegami::net
