// The name server where the records of our zones are changed: asked for what it has itself, and told what is to change
// (RFC 2136), with a key that it knows (TSIG, RFC 8945).
//
// 1. What it does is believed only if the answer is signed with the key. What it has is asked without a signature, as
//    by everybody: a change is bound to what was seen, so a forged answer makes the change fail, not go wrong.
// 2. Every conversation is one connection over TCP and ends by the patience of the settings.
#pragma once

#include "async/timer.h"
#include "base/random.h"
#include "net/network.h"
#include "net/resolver.h"
#include "protocol/dns_update/tsig.h"
#include "protocol/dns_update/update.h"

#include <chrono>
#include <optional>
#include <string>

namespace tegami::net {

struct DnsPrimarySettings {
    Endpoint server;
    dns::TsigKey key;
    Duration patience = std::chrono::seconds(10); ///< Limit: of one question or update
};

class DnsPrimary {
public:
    /// All outlive it.
    struct Dependencies {
        Network& network;
        async::Timers& timers;
        RandomSource& random;
    };

    DnsPrimary(Dependencies dependencies, DnsPrimarySettings settings)
        : dependencies_(dependencies), settings_(std::move(settings)) {}

    // Errors are in plain words for the operator; the calls may be made at the same time, on one thread.

    /// The zone of this server that holds the name; nothing if it has none.
    async::Awaitable<Result<std::optional<dns::Name>, std::string>> zone_of(dns::Name name);
    /// What it has itself; nothing if that is not its business.
    async::Awaitable<Result<std::optional<DnsAnswer>, std::string>> query(dns::Name name, dns::Type type);
    /// Returns when the change is made.
    async::Awaitable<Result<void, std::string>> update(dns::SetUpdate update);

    const Endpoint& server() const { return settings_.server; }

private:
    async::Awaitable<Result<std::string, std::string>> exchange(std::string message);
    async::Awaitable<Result<dns::Response, std::string>> ask(std::uint16_t id, std::string question);
    std::uint16_t new_id();
    std::string words_for(const dns::SetUpdate& update, const dns::Response& response) const;
    std::string words_for(dns::TsigFault fault, const dns::Response& response) const;

    const Dependencies dependencies_;
    const DnsPrimarySettings settings_;
};

/// Answers as the primary server has it, where that has the name; otherwise asks `others`. What has been changed there
/// a moment ago is seen, whatever caches and secondary servers still say.
class PrimaryFirstResolver final : public Resolver {
public:
    /// Both outlive it.
    PrimaryFirstResolver(DnsPrimary& primary, Resolver& others) : primary_(primary), others_(others) {}

    async::Awaitable<DnsAnswer> query(dns::Name name, dns::Type type) override;

private:
    DnsPrimary& primary_;
    Resolver& others_;
};

} // namespace tegami::net
