// One connection to another mail server, for any number of messages: drives protocol/smtp's ClientSession over a
// stream, streams bodies from blobs, and keeps the dialogue for the journey.
#pragma once

#include "async/timer.h"
#include "message/seven_bit.h"
#include "net/network.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "protocol/smtp/client_session.h"
#include "relay/route.h"
#include "relay/tls_demand.h"
#include "store/store.h"
#include "trust/tls_report/report.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::relay {

/// Limit: lines of dialogue kept for one message, and octets of each.
inline constexpr std::size_t kDialogueLinesMax = 30;
inline constexpr std::size_t kDialogueLineBytesMax = 200;

struct ConnectionDependencies {
    net::Network& network;
    store::Store& store;
    async::Timers& timers;
    std::shared_ptr<const net::TlsClientContext> tls; ///< opportunistic
    std::string host_name;
};

/// A message of the queue as the next server gets it.
struct Letter {
    smtp::Outgoing envelope;
    store::BlobRef blob;
    std::uint64_t content_from = 0; ///< octets at the front of the blob that stay here (Return-Path)
    std::string prefix;             ///< our signatures: go out in their place, unless the rest is rewritten
    std::function<void()> on_body;  ///< called when the body begins: from now on breaking off may double the message
};

/// What a connection showed about TLS, whatever was asked of it.
struct TlsSight {
    using ResultType = tls_report::ResultType;

    /// Why there is no TLS; nothing where there is, or where it was not come to that.
    std::optional<ResultType> failure{};
    std::optional<ResultType> unproven{}; ///< why authorities do not prove the server; nothing without TLS
    std::string reason{};                 ///< of either, in words
    std::string greeting_name{};          ///< as the server calls itself
    IpAddress from{};                     ///< of ours
};

/// Why there is no connection.
struct NotOpened : smtp::DeliveryResult {
    TlsSight sight{};
};

/// What a server came to, and its name; no name where none was asked.
struct ServerResult {
    smtp::DeliveryResult result;
    std::string server;
};

class Connection {
public:
    /// Connects, greets and, when offered, starts TLS. Without a demand (opportunistic, RFC 7435) a failed handshake,
    /// or one after which the server says nothing, is followed by one more try in the clear; with one, never. The error
    /// is why no message can be sent here now, of the stage `tls` if the demand is not met; `of_server` is false only
    /// if there is no way to the address, which is no word of the server's.
    static async::Awaitable<Result<std::unique_ptr<Connection>, NotOpened>>
    open(const ConnectionDependencies* dependencies, Target target, TlsDemand demand);

    Connection(const ConnectionDependencies& dependencies, Target target, std::unique_ptr<net::Stream> stream,
               smtp::TlsPolicy tls, TlsDemand demand);

    /// Sends one message; one result for each recipient, in order.
    async::Awaitable<std::vector<smtp::DeliveryResult>> send(Letter letter);

    /// Another message may be sent.
    bool reusable() const { return session_.ready(); }

    async::Awaitable<> quit();

    const Target& target() const { return target_; }

    /// What the server has proven.
    const TlsDemand& demand() const { return demand_; }

    /// Why authorities do not prove the server, in plain words; empty if they do.
    const std::string& unproven() const { return unproven_; }

    const TlsSight& sight() const { return sight_; }

    /// "TLSv1.3 TLS_AES_256_GCM_SHA384", or empty.
    const std::string& tls() const { return tls_text_; }

    /// What the last send() came to because the server takes no octets with the high bit (RFC 6152 §3): nothing was to
    /// be done; the message went out rewritten; or why it could not be.
    enum class Rewriting : std::uint8_t { none, done, impossible };

    Rewriting rewriting() const { return rewriting_; }

    /// Lines since the last call, "S: …" and "C: …".
    std::vector<std::string> take_dialogue();

private:
    async::Awaitable<> until_settled();
    async::Awaitable<> perform(smtp::ClientActions actions);
    async::Awaitable<> send_body();
    async::Awaitable<std::optional<smtp::DeliveryResult>> rewrite_in_seven_bits();
    async::Awaitable<Result<message::SevenBitPlan, smtp::DeliveryResult>> plan_seven_bits();
    async::Awaitable<> start_tls();
    async::Awaitable<Result<void, smtp::DeliveryResult>> shake_hands();
    void note(char side, std::string_view lines);
    void see_greeting(std::string_view octets);
    TlsSight conclude_sight();

    const ConnectionDependencies& dependencies_;
    Target target_;
    TlsDemand demand_;
    std::unique_ptr<net::Stream> stream_;
    smtp::ClientSession session_;
    std::optional<Letter> letter_;
    Rewriting rewriting_ = Rewriting::none;
    std::optional<message::SevenBitWriter> seven_bit_; ///< the message under way goes through it
    bool closed_ = false;
    bool in_body_ = false;
    std::optional<smtp::DeliveryResult> unusable_;
    std::optional<std::vector<smtp::DeliveryResult>> results_;
    std::string tls_text_;
    std::string unproven_ = "there is no TLS";
    TlsSight sight_;
    std::vector<std::string> dialogue_;
};

} // namespace tegami::relay
