// One queue item to one domain: route, connections, transactions.
#include "relay/sending.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

using tls_report::ResultType;

namespace {

/// Why a server is not asked at all: it says nothing of itself (RFC 7672 §2.1.2, RFC 8461 §8.4).
smtp::DeliveryResult not_asked(const std::string& text) {
    smtp::DeliveryResult why;
    why.outcome = smtp::Outcome::temporary;
    why.stage = smtp::Stage::tls;
    why.status = {.kind = 4, .subject = 7, .detail = 10}; // encryption needed (RFC 5248's registry)
    why.of_server = true;
    why.text = text;
    return why;
}

/// Our own store does not say what the domain has promised: to send now may be to send without it.
ServerResult promise_unknown() {
    ServerResult why;
    why.result.status = {.kind = 4, .subject = 3, .detail = 0};
    why.result.text = "what its domain has promised about TLS (MTA-STS) cannot be read now";
    return why;
}

/// What the server would have failed in, had the policy been in force that its domain is testing; empty: nothing.
std::string failed_test(const Connection& connection) {
    const TlsDemand& demand = connection.demand();
    if (demand.kind != TlsDemand::Kind::sts_testing) return {};
    return demand.listed ? connection.unproven() : "the policy does not name this server";
}

/// Where the domain of the recipients has no say.
TlsDemand own_demand(const Target& server) {
    return {.kind = server.smarthost != nullptr ? TlsDemand::Kind::smarthost : TlsDemand::Kind::opportunistic,
            .server_name = server.host};
}

/// What a connection over which mail can go is in the report: without a demand, TLS is all that can succeed.
void judge(const Connection& connection, TlsResult& result) {
    const TlsSight& sight = connection.sight();
    if (sight.failure)
        result.fail(*sight.failure, sight.reason, sight);
    else if (result.kind == TlsDemand::Kind::encrypted)
        result.fail(ResultType::tlsa_invalid, "none of the TLSA records can be used", sight);
    else if (result.kind == TlsDemand::Kind::sts_testing && !connection.demand().listed)
        result.fail(ResultType::validation_failure, result.problem, sight);
    else if (result.kind == TlsDemand::Kind::sts_testing && sight.unproven)
        result.fail(*sight.unproven, sight.reason, sight);
}

} // namespace

void TlsResult::fail(ResultType type, std::string reason, const TlsSight& sight) {
    row.failure = tls_report::FailureDetail{.type = type,
                                            .sending_address = sight.from.to_string(),
                                            .receiving_host = server,
                                            .receiving_helo = sight.greeting_name,
                                            .receiving_address = endpoint.address.to_string(),
                                            .reason = std::move(reason)};
    if (sight.from.is_unspecified()) row.failure->sending_address.clear();
}

Sending::Sending(const Dependencies& dependencies, const RelayOptions& options, async::TaskGroup& tasks)
    : dependencies_(dependencies), options_(options), connection_dependencies_{.network = dependencies.network,
                                                                               .store = dependencies.store,
                                                                               .timers = dependencies.timers,
                                                                               .tls = dependencies.tls,
                                                                               .host_name = options.host_name},
      sts_({.resolver = dependencies.resolver,
            .network = dependencies.network,
            .timers = dependencies.timers,
            .log = dependencies.log,
            .kept = store::KeptPolicies(&dependencies.store.engine()),
            .tls = dependencies.tls,
            .port = options.policy_port,
            .may_reach = options.policy_reach}),
      tasks_(tasks) {}

void Sending::quit(IdleConnection idle) {
    tasks_.spawn("closing an idle connection", quit_now(std::move(idle)));
}

async::Awaitable<> Sending::quit_now(IdleConnection idle) {
    co_await idle.connection->quit();
}

Letter Sending::letter_of(const WorkPtr& work, const std::vector<std::size_t>& recipients) {
    const store::QueueMessage& message = work->message;
    Letter letter;
    letter.envelope.reverse_path = sender_of(dependencies_, message);
    for (const std::size_t index : recipients)
        letter.envelope.recipients.push_back(work->item.recipients[index].address);
    letter.blob = message.blob;
    letter.content_from = message.content_from;
    letter.prefix = message.prefix;
    letter.envelope.size = message.prefix.size() + message.blob.size - message.content_from;
    letter.envelope.eight_bit = message.eight_bit;
    letter.on_body = [work] { work->begin_body(); };
    return letter;
}

/// The servers of a domain, asked one after another in one attempt.
struct Sending::Search {
    message::Domain domain;
    Route route;
    Instant until;
    std::optional<tls_policy::StsPolicy> policy; ///< of MTA-STS
    std::optional<StsFailure> policy_failure{};  ///< why there is no policy, though one is announced
    bool cut = false;                            ///< there was no time for all of them
    bool reached = false;                        ///< one of them would take messages
    /// What one of them said of itself last.
    std::optional<ServerResult> word{};

    /// A temporary word stays before permanent ones, for permanent is only what all of them say; an address to which
    /// this machine has no way has no word among those that have.
    void keep(ServerResult said) {
        const bool temporary = said.result.outcome == smtp::Outcome::temporary;
        const bool stays = word && word->result.of_server &&
                           (word->result.outcome == smtp::Outcome::temporary || !said.result.of_server);
        if (!stays || (temporary && said.result.of_server)) word = std::move(said);
    }

    /// What it comes to when there is no other server.
    ServerResult conclusion() const {
        ServerResult last = word.value_or(ServerResult{.result = {.text = "no server was found"}, .server = {}});
        // RFC 5321 §5.1: one that was not asked, or whose address could not be looked up, has not refused.
        if (cut || !route.complete()) last.result.outcome = smtp::Outcome::temporary;
        return last;
    }
};

RouteQuestion Sending::question_of(const Work& work, const message::Domain& domain) const {
    RouteQuestion question{.domain = domain, .own_host_name = options_.host_name, .port = options_.remote_port};
    if (work.smarthost == nullptr) return question;
    question.domain = message::Domain::parse(work.smarthost->host).value_or(domain);
    question.port = work.smarthost->port;
    question.smarthost = work.smarthost;
    return question;
}

async::Awaitable<bool> Sending::send(WorkPtr work, message::Domain domain, std::vector<std::size_t> recipients) {
    // What the domain of the recipients promises is between its servers and the smarthost.
    std::optional<tls_policy::StsPolicy> policy;
    if (work->smarthost == nullptr) {
        auto found = co_await sts_.find(domain);
        if (!found) {
            settle_all(dependencies_, *work, recipients, promise_unknown());
            co_return true; // no word about the domain's servers
        }
        policy = *std::move(found);
    }
    RouteQuestion question = question_of(*work, domain);
    Search search{.domain = std::move(domain),
                  .route = Route(dependencies_.resolver, dependencies_.random, dependencies_.timers,
                                 std::move(question), work->hop.route),
                  .until = dependencies_.timers.instant() + kSearchTime,
                  .policy = std::move(policy)};
    if (!search.policy && work->smarthost == nullptr) search.policy_failure = sts_.failure_of(search.domain);
    // A connection that has waited may be gone, or its server have had enough: it decides nothing for others.
    while (!recipients.empty()) {
        std::optional<IdleConnection> idle = work->hop.take_idle();
        if (!idle) break;
        if (!still_meets(*work, search, *idle->connection)) {
            quit(*std::move(idle));
            continue;
        }
        recipients = co_await send_over(work, *std::move(idle), std::move(recipients), nullptr);
    }
    while (!recipients.empty()) {
        std::optional<IdleConnection> ready = co_await connect(work, &search);
        if (!ready) {
            settle_all(dependencies_, *work, recipients, search.conclusion());
            co_return search.reached;
        }
        search.reached = true;
        recipients = co_await send_over(work, *std::move(ready), std::move(recipients), &search);
    }
    co_return true;
}

/// One transaction; returns those for whom another server may be asked. `search` keeps what this one said of itself.
async::Awaitable<std::vector<std::size_t>> Sending::send_over(WorkPtr work, IdleConnection idle,
                                                              std::vector<std::size_t> recipients, Search* search) {
    std::vector<smtp::DeliveryResult> results = co_await idle.connection->send(letter_of(work, recipients));
    results.resize(recipients.size(), smtp::DeliveryResult{.text = "gave no answer"});
    const Target target = idle.connection->target();
    log_rewriting(work->message, *idle.connection);
    const bool says_something = search != nullptr || !std::ranges::all_of(results, &smtp::DeliveryResult::of_server);
    if (says_something) {
        std::vector<store::JourneyField> dialogue{{"to", std::get<message::Domain>(work->item.destination).display()},
                                                  {"server", target.host},
                                                  {"address", target.endpoint.to_string()},
                                                  {"tls", idle.connection->tls()},
                                                  {"policy", std::string(describe(idle.connection->demand().kind))},
                                                  {"testing", failed_test(*idle.connection)}};
        for (std::string& line : idle.connection->take_dialogue())
            dialogue.push_back({"line", std::move(line)});
        record(dependencies_, work->message, "dialogue", std::move(dialogue));
    }
    std::vector<std::size_t> left;
    for (std::size_t index = 0; index < recipients.size(); ++index) {
        if (!results[index].of_server) {
            settle(dependencies_, *work, recipients[index], results[index], target.host);
            continue;
        }
        left.push_back(recipients[index]);
        if (search != nullptr) search->keep({.result = std::move(results[index]), .server = target.host});
    }
    if (idle.connection->reusable() && idle.messages + 1 < kMessagesPerConnection && left.empty()) {
        idle.messages += 1;
        idle.since = dependencies_.timers.instant();
        work->hop.put_idle(std::move(idle));
    } else {
        co_await idle.connection->quit();
    }
    co_return left;
}

void Sending::log_rewriting(const store::QueueMessage& message, const Connection& connection) {
    const auto rewriting = connection.rewriting();
    if (rewriting == Connection::Rewriting::none) return;
    const bool done = rewriting == Connection::Rewriting::done;
    std::uint64_t& count = done ? rewritten_ : not_rewritten_;
    dependencies_.log.info(done ? "a message is rewritten in seven bits"
                                : "a message cannot be rewritten in seven bits",
                           {{"entry", message.id.value}, {"server", connection.target().host}, {"count", ++count}});
}

/// Whether what is known by now asks of the server what it proved when the connection began.
bool Sending::still_meets(const Work& work, const Search& search, const Connection& connection) const {
    if (work.message.tls_optional || work.smarthost != nullptr) return true;
    const std::string& host = connection.target().host;
    const auto& route = work.hop.route;
    const auto facts = route ? route->facts_of(host, dependencies_.timers.instant()) : std::nullopt;
    if (!facts) return false;
    const auto demand = demand_of(host, *facts, search.policy);
    return demand && *demand == connection.demand();
}

/// `of_policy`: the policy that the server does not meet.
void Sending::pass_over(const Work& work, Search* search, ServerResult why, TlsDemand::Kind of_policy) {
    const smtp::DeliveryResult& result = why.result;
    record(dependencies_, work.message, "unreachable",
           {{"server", why.server},
            {"policy", std::string(describe(of_policy))},
            {"reason", result.reply ? smtp::one_line(*result.reply) : result.text}});
    search->keep(std::move(why));
}

/// Nothing goes through it now.
void Sending::warn_of_smarthost(const Smarthost& smarthost, const smtp::DeliveryResult& why) {
    dependencies_.log.warning(
        "a smarthost cannot be used",
        {{"server", smarthost.host}, {"reason", why.reply ? smtp::one_line(*why.reply) : why.text}});
}

/// The one place that learns what connections show about TLS.
void Sending::note(const Search& search, const TlsResult& result) {
    if (dependencies_.tls_counter != nullptr) {
        dependencies_.tls_counter->count(result.domain, result.row);
        if (search.policy_failure) {
            reporting::TlsRow row{.policy = {.type = tls_report::PolicyType::sts},
                                  .failure = tls_report::FailureDetail{.type = search.policy_failure->type,
                                                                       .reason = search.policy_failure->reason}};
            dependencies_.tls_counter->count(result.domain, row);
        }
    }
    if (result.problem.empty()) return;
    const bool testing = result.kind == TlsDemand::Kind::sts_testing;
    dependencies_.log.info("a server does not keep what its domain promises about TLS",
                           {{"domain", result.domain},
                            {"server", result.server},
                            {"address", result.endpoint.to_string()},
                            {"policy", testing ? "MTA-STS, testing" : describe(result.kind)},
                            {"reason", result.problem},
                            {"count", ++unprotected_}});
}

TlsResult Sending::result_of(const Search& search, const Target& server, TlsDemand::Kind kind) {
    const std::string domain = search.domain.ascii();
    return {.kind = kind,
            .domain = domain,
            .server = server.host,
            .endpoint = server.endpoint,
            .row = {.policy = reported_policy(kind, domain, server.host, server.facts, search.policy)}};
}

/// A connection to the next of the domain's servers that takes one. Nothing if there is no other: `search` has the
/// reason.
async::Awaitable<std::optional<IdleConnection>> Sending::connect(WorkPtr work, Search* search) {
    Destination& place = work->hop;
    for (;;) {
        search->cut = dependencies_.timers.instant() >= search->until;
        if (search->cut) break;
        const auto target = co_await search->route.next();
        std::vector<store::JourneyField> found{{"domain", search->domain.display()}};
        for (std::string& answer : search->route.take_answers())
            found.push_back({"answer", std::move(answer)});
        if (!target) {
            found.push_back({"reason", target.error().text});
            record(dependencies_, work->message, "unroutable", std::move(found));
            smtp::DeliveryResult none;
            const bool permanent = target.error().permanent && work->smarthost == nullptr;
            none.outcome = permanent ? smtp::Outcome::permanent : smtp::Outcome::temporary;
            none.status = smtp::parse_enhanced_status(target.error().status).value_or(smtp::EnhancedStatus{});
            none.text = target.error().text;
            if (work->smarthost != nullptr) warn_of_smarthost(*work->smarthost, none);
            search->keep({.result = std::move(none), .server = {}});
            co_return std::nullopt;
        }
        place.route = search->route.known();
        if (!*target) break;
        const Target server = **target;
        found.push_back({"server", fmt::format("{} at {}", server.host, server.endpoint.to_string())});
        record(dependencies_, work->message, "routed", std::move(found));
        // RFC 8460 §3: a report about TLS is delivered whatever TLS there is, and not reported on.
        const bool optional = work->message.tls_optional;
        const bool counts = !optional && server.smarthost == nullptr;
        const auto asked = counts ? demand_of(server.host, server.facts, search->policy)
                                  : Result<TlsDemand, PassedOver>(own_demand(server));
        if (!asked) {
            const PassedOver& why = asked.error();
            TlsResult result = result_of(*search, server, why.kind);
            result.problem = why.text;
            result.fail(why.kind == TlsDemand::Kind::dane ? ResultType::dnssec_invalid : ResultType::validation_failure,
                        why.text, {});
            note(*search, result);
            pass_over(*work, search, {.result = not_asked(why.text), .server = server.host}, why.kind);
            continue;
        }
        const TlsDemand& demand = *asked;
        auto opened = co_await Connection::open(&connection_dependencies_, server, demand);
        TlsResult result = result_of(*search, server, demand.kind);
        if (opened) {
            result.problem = failed_test(**opened);
            judge(**opened, result);
            if (counts) note(*search, result);
            IdleConnection ready{
                .connection = std::move(*opened), .messages = 0, .since = dependencies_.timers.instant()};
            co_return ready;
        }
        if (server.smarthost != nullptr) {
            // Only permanent if it is about the letter: what it says of us, somebody here mends.
            opened.error().outcome = smtp::Outcome::temporary;
            warn_of_smarthost(*server.smarthost, opened.error());
        }
        const bool of_tls = counts && demand.needs_tls() && opened.error().stage == smtp::Stage::tls;
        if (of_tls) {
            result.problem = opened.error().text;
            const TlsSight& sight = opened.error().sight;
            result.fail(sight.failure.value_or(ResultType::validation_failure), sight.reason, sight);
            note(*search, result);
        }
        pass_over(*work, search, {.result = opened.error(), .server = server.host},
                  of_tls ? demand.kind : TlsDemand::Kind::opportunistic);
    }
    if (!search->reached) {
        place.route.reset(); // nobody answers where it leads: the DNS may say something else by now
        ServerResult why = search->conclusion();
        if (why.result.outcome == smtp::Outcome::temporary)
            place.mark_down(dependencies_.timers.instant() + kDownTime, std::move(why));
    }
    co_return std::nullopt;
}

} // namespace tegami::relay
