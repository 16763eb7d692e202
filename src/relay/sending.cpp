// One queue entry to one domain: route, connection, transaction.
#include "relay/work.h"

#include "message/address.h"
#include "reception/trace_header.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

async::Awaitable<> Relay::send_group(WorkPtr work, std::string domain, std::vector<std::size_t> recipients) {
    Destination* const place = &destination(domain);
    co_await place->enter();
    bool went_well = false;
    if (const smtp::DeliveryResult* down = place->down(needs_.timers.instant())) {
        settle_all(work, recipients, *down);
    } else {
        const auto parsed = message::Domain::parse(domain);
        went_well = co_await send_to(work, place, *parsed, std::move(recipients));
    }
    place->leave(went_well);
    if (--work->groups_left == 0) work->groups_done.set();
}

/// True if a server of the domain was reached and talked sense.
async::Awaitable<bool> Relay::send_to(WorkPtr work, Destination* place, message::Domain domain,
                                      std::vector<std::size_t> recipients) {
    Letter letter;
    if (const auto reverse_path = message::parse_email_address(work->entry.reverse_path))
        letter.envelope.reverse_path = *reverse_path;
    for (const std::size_t index : recipients)
        letter.envelope.recipients.push_back(*message::parse_email_address(work->entry.recipients[index].address));
    letter.blob = work->entry.blob;
    letter.skip = reception::return_path_field(letter.envelope.reverse_path).size();
    letter.envelope.size = letter.blob.size - letter.skip;
    letter.envelope.eight_bit = work->entry.body_8bit;
    letter.envelope.needs_smtputf8 = work->entry.smtputf8;

    // A connection that has waited may be gone; only a fresh one's failure says something about the server.
    for (;;) {
        auto idle = place->take_idle();
        const bool fresh = !idle;
        if (fresh) {
            auto connected = co_await connect(work, place, domain);
            if (!connected) {
                settle_all(work, recipients, connected.error());
                co_return false;
            }
            idle = std::move(*connected);
        }
        const std::vector<smtp::DeliveryResult> results = co_await idle->connection->send(letter);
        const bool untouched = std::ranges::all_of(results, [](const smtp::DeliveryResult& result) {
            return result.outcome == smtp::Outcome::temporary && !result.uncertain &&
                   (!result.reply || result.reply->code == 421);
        });
        if (!fresh && untouched) continue;

        const Target target = idle->connection->target();
        std::vector<store::JourneyField> dialogue{{"to", domain.display()},
                                                  {"server", target.host},
                                                  {"address", target.endpoint.to_string()},
                                                  {"tls", idle->connection->tls()}};
        for (std::string& line : idle->connection->take_dialogue())
            dialogue.push_back({"line", std::move(line)});
        record(*work, "dialogue", std::move(dialogue));
        for (std::size_t index = 0; index < recipients.size(); ++index)
            settle(work, recipients[index],
                   index < results.size() ? results[index] : smtp::DeliveryResult{.text = "no answer"}, target.host);
        if (idle->connection->reusable() && idle->messages + 1 < kMessagesPerConnection) {
            idle->messages += 1;
            idle->since = needs_.timers.instant();
            place->put_idle(std::move(*idle));
        } else {
            co_await idle->connection->quit();
        }
        co_return true;
    }
}

/// A connection to the first of the domain's servers that takes one.
async::Awaitable<Result<IdleConnection, smtp::DeliveryResult>> Relay::connect(WorkPtr work, Destination* place,
                                                                              message::Domain domain) {
    RouteQuestion question{.domain = domain, .own_host_name = options_.host_name, .port = options_.remote_port};
    auto route = co_await find_route(&needs_.resolver, &needs_.random, std::move(question));
    std::vector<store::JourneyField> found{{"domain", domain.display()}};
    const std::vector<std::string>& answers = route ? route->answers : route.error().answers;
    for (const std::string& answer : answers)
        found.push_back({"answer", answer});
    smtp::DeliveryResult last;
    last.outcome = smtp::Outcome::temporary;
    if (!route) {
        record(*work, "unroutable", std::move(found));
        last.outcome = route.error().permanent ? smtp::Outcome::permanent : smtp::Outcome::temporary;
        last.status = smtp::parse_enhanced_status(route.error().status).value_or(smtp::EnhancedStatus{});
        last.text = route.error().text;
        co_return failure(last);
    }
    for (const Target& target : route->targets)
        found.push_back({"server", fmt::format("{} at {}", target.host, target.endpoint.to_string())});
    record(*work, "routed", std::move(found));
    for (const Target& target : route->targets) {
        auto opened = co_await Connection::open(&connection_needs_, target);
        if (opened) {
            IdleConnection ready{.connection = std::move(*opened), .messages = 0, .since = needs_.timers.instant()};
            co_return ready;
        }
        last = opened.error();
        record(*work, "unreachable",
               {{"server", target.host}, {"reason", last.reply ? smtp::one_line(*last.reply) : last.text}});
        // RFC 5321 §3.8.2: a server that says 5xx to the greeting speaks for the domain; 4xx and silence do not.
        if (last.outcome == smtp::Outcome::permanent) co_return failure(last);
    }
    if (last.outcome == smtp::Outcome::temporary) place->mark_down(needs_.timers.instant() + kDownTime, last);
    co_return failure(last);
}

} // namespace tegami::relay
