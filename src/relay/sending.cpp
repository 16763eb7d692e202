// One queue item to one domain: route, connection, transaction.
#include "relay/work.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

Letter Relay::letter_of(const WorkPtr& work, const std::vector<std::size_t>& recipients) {
    const store::QueueMessage& message = work->message;
    Letter letter;
    letter.envelope.reverse_path = message.reverse_path;
    for (const std::size_t index : recipients)
        letter.envelope.recipients.push_back(work->item.recipients[index].address);
    letter.blob = message.blob;
    letter.content_from = message.content_from;
    letter.prefix = message.prefix;
    letter.envelope.size = message.prefix.size() + message.blob.size - message.content_from;
    letter.envelope.eight_bit = message.body_8bit;
    letter.envelope.needs_smtputf8 = message.smtputf8;
    letter.on_body = [work] { work->begin_body(); };
    return letter;
}

/// True if a server of the domain was reached and talked sense.
async::Awaitable<bool> Relay::send_to(WorkPtr work, message::Domain domain, std::vector<std::size_t> recipients) {
    const Letter letter = letter_of(work, recipients);
    // A connection that has waited may be gone; only a fresh one's failure says something about the server.
    for (;;) {
        auto idle = work->place.take_idle();
        const bool fresh = !idle;
        if (fresh) {
            auto connected = co_await connect(work, domain);
            if (!connected) {
                settle_all(*work, recipients, connected.error());
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
        record(work->message, "dialogue", std::move(dialogue));
        for (std::size_t index = 0; index < recipients.size(); ++index)
            settle(*work, recipients[index],
                   index < results.size() ? results[index] : smtp::DeliveryResult{.text = "no answer"}, target.host);
        if (idle->connection->reusable() && idle->messages + 1 < kMessagesPerConnection) {
            idle->messages += 1;
            idle->since = dependencies_.timers.instant();
            work->place.put_idle(std::move(*idle));
        } else {
            co_await idle->connection->quit();
        }
        co_return true;
    }
}

/// A connection to the first of the domain's servers that takes one.
async::Awaitable<Result<IdleConnection, smtp::DeliveryResult>> Relay::connect(WorkPtr work, message::Domain domain) {
    Destination& place = work->place;
    RouteQuestion question{.domain = domain, .own_host_name = options_.host_name, .port = options_.remote_port};
    Route route(dependencies_.resolver, dependencies_.random, dependencies_.timers, std::move(question), place.route);
    smtp::DeliveryResult last;
    last.outcome = smtp::Outcome::temporary;
    for (;;) {
        const auto target = co_await route.next();
        std::vector<store::JourneyField> found{{"domain", domain.display()}};
        for (std::string& answer : route.take_answers())
            found.push_back({"answer", std::move(answer)});
        if (!target) {
            found.push_back({"reason", target.error().text});
            record(work->message, "unroutable", std::move(found));
            last.outcome = target.error().permanent ? smtp::Outcome::permanent : smtp::Outcome::temporary;
            last.status = smtp::parse_enhanced_status(target.error().status).value_or(smtp::EnhancedStatus{});
            last.text = target.error().text;
            co_return failure(last);
        }
        place.route = route.known();
        if (!*target) break;
        const Target server = **target;
        found.push_back({"server", fmt::format("{} at {}", server.host, server.endpoint.to_string())});
        record(work->message, "routed", std::move(found));
        auto opened = co_await Connection::open(&connection_dependencies_, server);
        if (opened) {
            IdleConnection ready{
                .connection = std::move(*opened), .messages = 0, .since = dependencies_.timers.instant()};
            co_return ready;
        }
        last = opened.error();
        record(work->message, "unreachable",
               {{"server", server.host}, {"reason", last.reply ? smtp::one_line(*last.reply) : last.text}});
        // RFC 5321 §3.8.2: a server that says 5xx to the greeting speaks for the domain; 4xx and silence do not.
        if (last.outcome == smtp::Outcome::permanent) co_return failure(last);
    }
    place.route.reset(); // nobody answers where it leads: the DNS may say something else by now
    if (last.outcome == smtp::Outcome::temporary) place.mark_down(dependencies_.timers.instant() + kDownTime, last);
    co_return failure(last);
}

} // namespace tegami::relay
