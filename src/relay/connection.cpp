#include "relay/connection.h"

#include "base/ascii.h"
#include "message/card.h"
#include "message/header.h"

#include <fmt/format.h>

#include <deque>

namespace tegami::relay {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::uint64_t kChunkBytes = 128 * 1024;
/// Limit: RFC 5321 §4.5.3.2 has no value for connecting; the system's own is minutes.
constexpr auto kConnectTime = std::chrono::seconds(30);

smtp::DeliveryResult not_connected(const Target& target, net::IoError error) {
    smtp::DeliveryResult result;
    result.outcome = smtp::Outcome::temporary;
    result.stage = smtp::Stage::connect;
    result.status = {.kind = 4, .subject = 4, .detail = 1};
    result.of_server = error != net::IoError::unreachable;
    result.text = fmt::format("did not answer at {}: {}", target.endpoint.to_string(), net::describe(error));
    return result;
}

/// Another server of the domain may take it as it is.
smtp::DeliveryResult not_rewritten(bool permanent, std::string_view why) {
    smtp::DeliveryResult result;
    result.outcome = permanent ? smtp::Outcome::permanent : smtp::Outcome::temporary;
    result.stage = smtp::Stage::mail;
    result.status = {.kind = static_cast<std::uint16_t>(permanent ? 5 : 4), .subject = 6, .detail = 3};
    result.of_server = true;
    result.text = fmt::format("takes only messages of seven bits, and this one cannot be rewritten: {}", why);
    return result;
}

/// The server does not meet what its domain asks of it: the letter waits (RFC 7672 §2.2).
smtp::DeliveryResult unprotected(smtp::DeliveryResult why, const TlsDemand& demand) {
    why.outcome = smtp::Outcome::temporary;
    why.status = {.kind = 4, .subject = 7, .detail = 10}; // encryption needed (RFC 5248's registry)
    const std::string what =
        why.reply ? fmt::format("refused STARTTLS with \"{}\"", smtp::one_line(*why.reply)) : why.text;
    why.text = demand.kind == TlsDemand::Kind::smarthost
                   ? fmt::format("{}. Mail goes to a smarthost under TLS with a proven certificate only", what)
                   : fmt::format("{}. Its domain promises TLS ({}), so nothing is sent without it", what,
                                 describe(demand.kind));
    why.reply.reset();
    return why;
}

tls_report::ResultType result_type_of(net::CertificateFault fault) {
    using tls_report::ResultType;
    switch (fault) {
    case net::CertificateFault::name: return ResultType::certificate_host_mismatch;
    case net::CertificateFault::expired: return ResultType::certificate_expired;
    case net::CertificateFault::untrusted: return ResultType::certificate_not_trusted;
    case net::CertificateFault::none:
    case net::CertificateFault::other: break;
    }
    return ResultType::validation_failure;
}

smtp::ClientOptions session_options(const ConnectionDependencies& dependencies, const Target& target,
                                    smtp::TlsPolicy tls) {
    smtp::ClientOptions options;
    options.host_name = dependencies.host_name;
    options.tls = tls;
    if (target.smarthost != nullptr) options.credentials = target.smarthost->credentials;
    return options;
}

smtp::TlsPolicy first_policy(const Target& target, const TlsDemand& demand) {
    if (target.smarthost != nullptr && target.smarthost->implicit_tls) return smtp::TlsPolicy::active;
    return demand.needs_tls() ? smtp::TlsPolicy::required : smtp::TlsPolicy::opportunistic;
}

} // namespace

Connection::Connection(const ConnectionDependencies& dependencies, Target target, std::unique_ptr<net::Stream> stream,
                       smtp::TlsPolicy tls, TlsDemand demand)
    : dependencies_(dependencies), target_(std::move(target)), demand_(std::move(demand)), stream_(std::move(stream)),
      session_(session_options(dependencies, target_, tls)) {}

async::Awaitable<Result<std::unique_ptr<Connection>, NotOpened>>
Connection::open(const ConnectionDependencies* dependencies, Target target, TlsDemand demand) {
    TlsSight sight;
    for (const smtp::TlsPolicy tls : {first_policy(target, demand), smtp::TlsPolicy::none}) {
        net::ConnectOptions options;
        options.deadline = dependencies->timers.instant() + kConnectTime;
        auto stream = co_await dependencies->network.connect(target.endpoint, options);
        if (!stream) co_return failure(NotOpened{not_connected(target, stream.error()), sight});
        auto connection = std::make_unique<Connection>(*dependencies, target, std::move(*stream), tls, demand);
        if (tls == smtp::TlsPolicy::active) {
            auto begun = co_await connection->shake_hands();
            if (!begun) co_return failure(NotOpened{unprotected(std::move(begun.error()), demand), sight});
        }
        co_await connection->until_settled();
        // Of the try without TLS, the one before it knows why.
        if (tls != smtp::TlsPolicy::none) sight = connection->conclude_sight();
        connection->sight_ = sight;
        if (connection->session_.ready()) co_return connection;
        smtp::DeliveryResult why = connection->unusable_.value_or(not_connected(target, net::IoError::failed));
        if (demand.needs_tls() && why.stage == smtp::Stage::tls)
            co_return failure(NotOpened{unprotected(std::move(why), demand), sight});
        // Better in the clear than not at all, as long as no policy asks for TLS (RFC 7435 §1).
        if (why.stage != smtp::Stage::tls || tls != smtp::TlsPolicy::opportunistic)
            co_return failure(NotOpened{std::move(why), sight});
    }
    co_return failure(NotOpened{not_connected(target, net::IoError::failed), sight});
}

/// Reads and reacts until the session is ready, a message has its results, or the connection is gone.
async::Awaitable<> Connection::until_settled() {
    std::optional<std::uint64_t> replies;
    Instant deadline{};
    while (!closed_ && !results_ && (!session_.ready() || letter_)) {
        if (replies != session_.replies()) {
            replies = session_.replies();
            deadline = dependencies_.timers.instant() + session_.timeout();
        }
        stream_->set_deadline(deadline);
        std::string buffer(kReadBytes, '\0');
        const auto got = co_await stream_->read_some(buffer.data(), buffer.size());
        if (got) {
            buffer.resize(*got);
            note('S', buffer);
            see_greeting(buffer);
            co_await perform(session_.feed(buffer));
        } else if (got.error() == net::IoError::timed_out) {
            co_await perform(session_.timed_out());
            closed_ = true;
        } else {
            const bool has_words = got.error() == net::IoError::tls_failed && !stream_->error_text().empty();
            const std::string why = has_words ? stream_->error_text() : std::string(net::describe(got.error()));
            co_await perform(session_.disconnected(why));
            closed_ = true;
        }
    }
}

async::Awaitable<> Connection::perform(smtp::ClientActions actions) {
    for (smtp::ClientAction& action : actions) {
        if (auto* send = std::get_if<smtp::ClientSend>(&action)) {
            if (!in_body_) note('C', session_.is_logging_in() ? "(the login)" : std::string_view(send->bytes));
            stream_->set_deadline(dependencies_.timers.instant() + session_.timeout());
            const auto written = co_await stream_->write_all(std::move(send->bytes));
            if (!written) {
                closed_ = true;
                co_await perform(session_.disconnected(net::describe(written.error())));
            }
        } else if (std::holds_alternative<smtp::ClientStartTls>(action)) {
            co_await start_tls();
        } else if (std::holds_alternative<smtp::WantBody>(action)) {
            co_await send_body();
        } else if (auto* finished = std::get_if<smtp::Finished>(&action)) {
            results_ = std::move(finished->results);
        } else if (auto* unusable = std::get_if<smtp::Unusable>(&action)) {
            unusable_ = std::move(unusable->reason);
        } else if (std::holds_alternative<smtp::ClientClose>(action)) {
            closed_ = true;
            stream_->close();
        }
    }
}

async::Awaitable<> Connection::start_tls() {
    const auto begun = co_await shake_hands();
    co_await perform(begun ? session_.tls_started() : session_.tls_failed(begun.error().text));
}

/// The error has the stage `tls`, and its text is what the stream says.
async::Awaitable<Result<void, smtp::DeliveryResult>> Connection::shake_hands() {
    net::TlsClientOptions options{.host_name = demand_.server_name,
                                  .applications = {},
                                  .verify = demand_.kind == TlsDemand::Kind::sts ||
                                            demand_.kind == TlsDemand::Kind::smarthost,
                                  .tlsa = demand_.tlsa,
                                  .other_names = demand_.other_names};
    const auto started = co_await stream_->start_tls(dependencies_.tls, std::move(options));
    if (!started) {
        sight_.failure = result_type_of(stream_->certificate_fault());
        sight_.reason = stream_->error_text();
        co_return failure(smtp::DeliveryResult{
            .stage = smtp::Stage::tls, .text = stream_->error_text(), .status = {}, .of_server = true});
    }
    if (const auto info = stream_->tls_info()) {
        tls_text_ = info->version + " " + info->cipher;
        unproven_ = info->verification == net::PeerVerification::verified ? "" : info->verification_text;
        if (!unproven_.empty()) {
            sight_.unproven = result_type_of(info->certificate_fault);
            sight_.reason = unproven_;
        }
    }
    dialogue_.push_back(fmt::format("(encrypted from here on: {})", tls_text_));
    co_return Result<void, smtp::DeliveryResult>{};
}

async::Awaitable<> Connection::send_body() {
    in_body_ = true;
    if (letter_->on_body) letter_->on_body();
    if (!letter_->prefix.empty()) co_await perform(session_.body(letter_->prefix));
    std::uint64_t offset = letter_->content_from;
    while (!closed_ && offset < letter_->blob.size) {
        const auto chunk = co_await dependencies_.store.read_blob(letter_->blob.id, offset, kChunkBytes);
        if (!chunk || chunk->empty()) {
            // Not the store's own words: they name paths, and this goes to strangers and into reports.
            const bool lost = chunk || chunk.error().code == store::ErrorCode::damaged;
            co_await perform(session_.body_failed(
                lost ? "it is damaged on the sending server's disk" : "the sending server cannot read it now", lost));
            in_body_ = false;
            co_return;
        }
        offset += chunk->size();
        if (seven_bit_) {
            const std::string written = seven_bit_->write(*chunk);
            co_await perform(session_.body(written));
        } else {
            co_await perform(session_.body(*chunk));
        }
    }
    if (!closed_) co_await perform(session_.body_end());
    if (dialogue_.size() < kDialogueLinesMax) dialogue_.push_back("C: (the message)");
    in_body_ = false;
}

/// RFC 6152 §3: a message of eight bits is rewritten or reported. The result for all recipients if it cannot be sent.
async::Awaitable<std::optional<smtp::DeliveryResult>> Connection::rewrite_in_seven_bits() {
    auto plan = co_await plan_seven_bits();
    if (!plan) {
        rewriting_ = Rewriting::impossible;
        co_return plan.error();
    }
    rewriting_ = Rewriting::done;
    seven_bit_.emplace(*std::move(plan));
    letter_->envelope.eight_bit = false;
    letter_->envelope.size = 0; // known when it has been written
    // Our own signature is of the octets as they were; without it the letter arrives all the same.
    letter_->prefix.clear();
    if (dialogue_.size() < kDialogueLinesMax) dialogue_.push_back("(the message is rewritten in seven bits)");
    co_return std::nullopt;
}

async::Awaitable<Result<message::SevenBitPlan, smtp::DeliveryResult>> Connection::plan_seven_bits() {
    const auto encoded = co_await dependencies_.store.read_card(letter_->blob.id);
    const auto card = encoded ? message::decode_card(*encoded) : failure(message::CardError::malformed);
    if (!card) co_return failure(not_rewritten(false, "the sending server cannot read it now"));
    message::SevenBitPlanner planner(card->root, letter_->content_from);
    std::uint64_t offset = letter_->content_from;
    while (offset < letter_->blob.size) {
        const auto chunk = co_await dependencies_.store.read_blob(letter_->blob.id, offset, kChunkBytes);
        if (!chunk || chunk->empty()) co_return failure(not_rewritten(false, "the sending server cannot read it now"));
        offset += chunk->size();
        planner.look(*chunk);
    }
    auto plan = planner.finish();
    if (!plan) co_return failure(not_rewritten(true, message::describe(plan.error())));
    co_return *std::move(plan);
}

async::Awaitable<std::vector<smtp::DeliveryResult>> Connection::send(Letter letter) {
    letter_ = std::move(letter);
    results_.reset();
    seven_bit_.reset();
    rewriting_ = Rewriting::none;
    if (session_.ready() && letter_->envelope.eight_bit && !session_.capabilities().eight_bit_mime) {
        const std::optional<smtp::DeliveryResult> impossible = co_await rewrite_in_seven_bits();
        if (impossible) {
            const std::size_t recipients = letter_->envelope.recipients.size();
            letter_.reset();
            co_return std::vector<smtp::DeliveryResult>(recipients, *impossible);
        }
    }
    co_await perform(session_.send(letter_->envelope));
    co_await until_settled();
    letter_.reset();
    seven_bit_.reset();
    std::vector<smtp::DeliveryResult> results;
    if (results_) results = std::move(*results_);
    results_.reset();
    // RSET after a refused message: its answer makes the session ready for the next one.
    if (!closed_ && !session_.ready()) co_await until_settled();
    co_return results;
}

async::Awaitable<> Connection::quit() {
    if (!session_.ready()) {
        stream_->close();
        co_return;
    }
    stream_->set_deadline(dependencies_.timers.instant() + std::chrono::seconds(10));
    co_await perform(session_.quit());
    while (!closed_) {
        std::string buffer(512, '\0');
        const auto got = co_await stream_->read_some(buffer.data(), buffer.size());
        if (!got) break;
        buffer.resize(*got);
        co_await perform(session_.feed(buffer));
    }
    stream_->close();
}

/// The name behind "220" of the first line.
void Connection::see_greeting(std::string_view octets) {
    constexpr std::size_t kCodeBytes = 4; // with the space or hyphen
    if (!sight_.greeting_name.empty() || !octets.starts_with("220") || octets.size() <= kCodeBytes) return;
    octets.remove_prefix(kCodeBytes);
    const std::string_view name = octets.substr(0, octets.find_first_of(" \r\n"));
    sight_.greeting_name = ascii::printable(name, kDialogueLineBytesMax);
}

/// Once the session is ready, or has ended before.
TlsSight Connection::conclude_sight() {
    using tls_report::ResultType;
    sight_.from = stream_->local_endpoint().address;
    const bool at_tls = unusable_ && unusable_->stage == smtp::Stage::tls;
    if (sight_.failure || (!at_tls && !session_.ready())) return sight_;
    if (tls_text_.empty()) {
        sight_.failure = ResultType::starttls_not_supported;
        // Its words may be others each time, and equal failures are to be one row.
        sight_.reason = at_tls && unusable_->reply ? fmt::format("STARTTLS: {}", unusable_->reply->code) : "";
    } else if (at_tls) {
        sight_.failure = ResultType::validation_failure;
        sight_.reason = unusable_->text;
    }
    return sight_;
}

void Connection::note(char side, std::string_view lines) {
    for (const std::string_view line : ascii::split(lines, '\n')) {
        const std::string_view text = ascii::trim(line);
        if (text.empty() || dialogue_.size() >= kDialogueLinesMax) continue;
        dialogue_.push_back(fmt::format("{}: {}", side, ascii::printable(text, kDialogueLineBytesMax)));
    }
}

std::vector<std::string> Connection::take_dialogue() {
    return std::exchange(dialogue_, {});
}

} // namespace tegami::relay
