#include "acme/issuance.h"

#include "acme/certificate.h"
#include "acme/renewal.h"
#include "acme/url.h"
#include "base/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::acme {

namespace {

/// Limit: a nonce, which goes back as it came.
constexpr std::size_t kNonceBytesMax = 512;
constexpr Duration kFirstPollPause = std::chrono::milliseconds(500);
/// A payload of nothing: POST-as-GET, RFC 8555 §6.3.
constexpr std::string_view kOnlyAsks;
constexpr unsigned kRefusals = 400;
constexpr unsigned kItsOwnFaults = 500;

std::string unreadable(std::string_view what, const std::string& why) {
    return fmt::format("the authority's {} cannot be used: {}", what, why);
}

std::string order_payload(const std::vector<std::string>& names, const std::string& replaces) {
    json::array identifiers;
    for (const std::string& name : names)
        identifiers.push_back(json::object{{"type", "dns"}, {"value", name}});
    json::object order{{"identifiers", std::move(identifiers)}};
    if (!replaces.empty()) order["replaces"] = replaces;
    return write_json(order);
}

/// As an account has it.
json::array contacts_of(const IssuanceOptions& options) {
    json::array contacts;
    if (!options.contact.empty()) contacts.emplace_back("mailto:" + options.contact);
    return contacts;
}

std::string account_payload(const IssuanceOptions& options, const std::string& binding) {
    json::object account{{"termsOfServiceAgreed", true}};
    if (!options.contact.empty()) account["contact"] = contacts_of(options);
    std::string text = write_json(account);
    // The binding is signed as it stands, so it is not read and written again.
    if (!binding.empty()) text = text.substr(0, text.size() - 1) + R"(,"externalAccountBinding":)" + binding + "}";
    return text;
}

} // namespace

Step Issuance::begin() {
    return Ask{.url = options_.directory_url, .body = {}};
}

Step Issuance::post(State state, std::string url, std::string payload) {
    state_ = state;
    url_ = std::move(url);
    payload_ = std::move(payload);
    nonce_tries_ = 0;
    return send();
}

/// Each nonce is good for one request.
Step Issuance::send() {
    asks_nonce_ = nonce_.empty();
    if (asks_nonce_) return Ask{.url = directory_.new_nonce, .body = {}};
    return Ask{.url = url_,
               .body = sign_request(
                   key_, {.url = url_, .nonce = std::exchange(nonce_, std::string()), .account = account_}, payload_)};
}

Step Issuance::failed(std::string reason) {
    return Failed{.reason = std::move(reason), .not_before = std::nullopt};
}

Step Issuance::answered(const Answer& answer, Timestamp now) {
    if (answer.status == 0 && is_polling()) return wait(answer, now);
    if (answer.status == 0) return failed("the authority did not answer: " + answer.problem);
    if (base64::is_url_text(answer.nonce) && answer.nonce.size() <= kNonceBytesMax) nonce_ = answer.nonce;
    if (answer.status >= kRefusals) return refused(answer, now);
    if (!asks_nonce_) return understood(answer, now);
    if (nonce_.empty()) return failed(unreadable("answer", "it has no nonce"));
    return send();
}

Step Issuance::refused(const Answer& answer, Timestamp now) {
    const Problem problem = parse_problem(answer.body).value_or(Problem{});
    // RFC 8555 §6.5: the refusal has a good nonce.
    const bool had_nonce = state_ != State::directory && !asks_nonce_;
    if (problem.type == "badNonce" && had_nonce && ++nonce_tries_ <= kNonceTriesMax) return send();
    // Another try may have replaced it already; RFC 9773 §5: an order without it is as good.
    if (state_ == State::order && !asks_nonce_ && !options_.replaces.empty() && problem.type != "rateLimited") {
        options_.replaces.clear();
        return order();
    }
    // A certificate is worth more than a contact that the authority does not take.
    if (state_ == State::contact && !asks_nonce_) return order();
    if (state_ == State::finalize && problem.type == "orderNotReady") return wait(answer, now);
    if (answer.status >= kItsOwnFaults && is_polling()) return wait(answer, now);
    std::string reason = problem.type.empty() && problem.detail.empty()
                             ? fmt::format("the authority answered with status {}", answer.status)
                             : sentence_for(problem);
    return Failed{.reason = std::move(reason), .not_before = parse_retry_after(answer.retry_after, now)};
}

Step Issuance::understood(const Answer& answer, Timestamp now) {
    switch (state_) {
    case State::directory: return take_directory(answer);
    case State::account: return take_account(answer);
    case State::contact: return order();
    case State::order: return take_order(answer);
    case State::authorization: return take_authorization(answer);
    case State::respond: ++at_; return next_response();
    case State::check: return take_check(answer, now);
    case State::finalize:
    case State::process: return take_processed(answer, now);
    case State::certificate: return take_certificate(answer, now);
    }
    return failed("");
}

bool Issuance::is_polling() const {
    return state_ == State::check || state_ == State::process || state_ == State::certificate;
}

/// Asks again later, first soon, then more and more rarely, but not before the authority wants it.
Step Issuance::wait(const Answer& answer, Timestamp now) {
    if (++polls_ > kPollsMax)
        return failed("the authority has not come to an end in all this time; it is asked again later");
    const Duration ours = std::min(kFirstPollPause * (1U << std::min(polls_ - 1, 7U)), kPollPauseMax);
    const Duration theirs = parse_retry_after(answer.retry_after, now).value_or(Duration(0));
    return Pause{std::clamp(theirs, ours, kPollPauseMax)};
}

Step Issuance::ready() {
    switch (state_) {
    case State::authorization: at_ = 0; return next_response();
    case State::check: return next_check();
    case State::finalize: return finalize();
    default: return post(State::process, order_url_, std::string(kOnlyAsks));
    }
}

Step Issuance::take_directory(const Answer& answer) {
    auto directory = parse_directory(answer.body);
    if (!directory)
        return failed(unreadable("directory", directory.error()) + "; acme.directory is the address of one");
    directory_ = *std::move(directory);
    if (directory_.needs_external_account && options_.external.secret.empty())
        return failed(sentence_for({.type = "externalAccountRequired", .detail = {}, .name = {}, .parts = {}}));
    const std::string binding = options_.external.secret.empty()
                                    ? std::string()
                                    : bind_account(key_, options_.external, directory_.new_account);
    // One that is there already is found so, too (RFC 8555 §7.3).
    return post(State::account, directory_.new_account, account_payload(options_, binding));
}

Step Issuance::take_account(const Answer& answer) {
    if (!parse_url(answer.location)) return failed(unreadable("answer about our account", "it has no address"));
    account_ = answer.location;
    // RFC 8555 §7.3.1: 200 is about an account that was there already, with the contact of then.
    constexpr unsigned kWasThere = 200;
    const json::array ours = contacts_of(options_);
    const bool is_known = std::ranges::equal(parse_contacts(answer.body), ours, [](const auto& one, const auto& other) {
        return std::string_view(one) == std::string_view(other.as_string());
    });
    if (answer.status != kWasThere || is_known) return order();
    // RFC 8555 §7.3.2
    return post(State::contact, account_, write_json(json::object{{"contact", ours}}));
}

Step Issuance::order() {
    return post(State::order, directory_.new_order, order_payload(options_.names, options_.replaces));
}

Step Issuance::take_order(const Answer& answer) {
    auto order = parse_order(answer.body);
    if (!order) return failed(unreadable("order", order.error()));
    if (!parse_url(answer.location)) return failed(unreadable("order", "it has no address"));
    order_ = *std::move(order);
    order_url_ = answer.location;
    at_ = 0;
    return order_.status == Status::ready ? finalize() : next_authorization();
}

Step Issuance::next_authorization() {
    if (at_ < order_.authorizations.size())
        return post(State::authorization, order_.authorizations[at_], std::string(kOnlyAsks));
    if (proofs_.empty()) return finalize();
    return Present{proofs_};
}

Step Issuance::take_authorization(const Answer& answer) {
    const auto authorization = parse_authorization(answer.body);
    if (!authorization) return failed(unreadable("authorization", authorization.error()));
    if (authorization->status != Status::valid) {
        const auto found = std::ranges::find(authorization->challenges, name_of(options_.challenge), &Challenge::kind);
        if (authorization->status != Status::pending || found == authorization->challenges.end())
            return failed(fmt::format(
                "{}: the authority does not offer the challenge {} for this name{}", authorization->name,
                name_of(options_.challenge),
                options_.challenge == ChallengeKind::dns ? "" : "; wildcards need acme.challenge = \"dns-01\""));
        proofs_.push_back({.name = authorization->name,
                           .token = found->token,
                           .authorization = key_.authorization_for(found->token)});
        challenge_urls_.push_back(found->url);
        authorization_urls_.push_back(order_.authorizations[at_]);
    }
    ++at_;
    return next_authorization();
}

/// RFC 8555 §7.5.1: tells the authority that it can look.
Step Issuance::next_response() {
    if (at_ < proofs_.size()) return post(State::respond, challenge_urls_[at_], "{}");
    at_ = 0;
    polls_ = 0;
    return next_check();
}

Step Issuance::next_check() {
    if (at_ < proofs_.size()) return post(State::check, authorization_urls_[at_], std::string(kOnlyAsks));
    return finalize();
}

Step Issuance::take_check(const Answer& answer, Timestamp now) {
    const auto authorization = parse_authorization(answer.body);
    if (!authorization) return failed(unreadable("authorization", authorization.error()));
    if (authorization->status == Status::pending || authorization->status == Status::processing)
        return wait(answer, now);
    if (authorization->status == Status::valid) {
        ++at_;
        polls_ = 0;
        return next_check();
    }
    for (const Challenge& challenge : authorization->challenges)
        if (challenge.problem)
            return failed(fmt::format("{}: {}", authorization->name, sentence_for(*challenge.problem)));
    return failed(fmt::format("{}: the authority does not believe that this name is ours", authorization->name));
}

Step Issuance::finalize() {
    const auto request = certificate_request(options_.key, options_.names);
    if (!request) return failed(request.error());
    if (state_ != State::finalize) polls_ = 0;
    return post(State::finalize, order_.finalize, fmt::format(R"({{"csr":"{}"}})", base64::encode_url(*request)));
}

Step Issuance::take_processed(const Answer& answer, Timestamp now) {
    auto order = parse_order(answer.body);
    if (!order) return failed(unreadable("order", order.error()));
    if (order->status == Status::invalid)
        return failed(order->problem ? sentence_for(*order->problem)
                                     : std::string("the authority has given up on the order"));
    if (order->status == Status::valid) {
        if (order->certificate.empty()) return failed(unreadable("order", "it has no certificate"));
        return post(State::certificate, std::move(order->certificate), std::string(kOnlyAsks));
    }
    state_ = State::process;
    return wait(answer, now);
}

Step Issuance::take_certificate(const Answer& answer, Timestamp now) {
    if (answer.body.size() > kAnswerBytesMax) return failed("the authority gave too many certificates");
    if (const auto good = check_chain(answer.body, options_.key, options_.names, now); !good)
        return failed(good.error());
    return Issued{answer.body};
}

} // namespace tegami::acme
