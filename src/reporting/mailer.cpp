#include "reporting/mailer.h"

#include "reporting/own_letter.h"

namespace tegami::reporting {

async::Awaitable<Result<std::vector<reception::AcceptedRecipient>, std::string>>
Mailer::recipients(std::vector<message::EmailAddress> to) {
    std::vector<reception::AcceptedRecipient> accepted;
    for (const message::EmailAddress& address : to) {
        const auto found = co_await dependencies_.directory.resolve(address);
        if (!found) co_return failure(found.error().message);
        if (std::holds_alternative<directory::UnknownUser>(*found)) continue;
        reception::AcceptedRecipient recipient{.address = address};
        if (const auto* local = std::get_if<directory::Local>(&*found)) {
            recipient.accounts = local->accounts;
            recipient.remote = local->remote;
            recipient.for_server = local->for_server;
        } else {
            recipient.remote.push_back(address);
        }
        accepted.push_back(std::move(recipient));
    }
    if (accepted.empty()) co_return failure(std::string("nobody is there to take it"));
    co_return accepted;
}

async::Awaitable<Result<std::string, std::string>> Mailer::send(ReportLetter letter) {
    auto accepted = co_await recipients(letter.to);
    if (!accepted) co_return failure(accepted.error());
    std::string journey = dependencies_.journeys.new_journey();
    auto own = co_await store_own_letter(&dependencies_.store.engine(), &dependencies_.signatures,
                                         std::move(letter.octets), journey);
    if (!own) co_return failure(own.error().detail);

    store::JourneyEvent event{.journey = journey,
                              .kind = "report-sent",
                              .fields = {{"about", letter.subject_of_report}},
                              .message_id = own->arrival.card.message_id.value_or("")};
    for (const message::EmailAddress& address : letter.to) {
        event.fields.push_back({"to", address.to_string()});
        event.addresses.push_back(address.to_string());
    }
    dependencies_.journeys.record(std::move(event));
    delivery::Transaction transaction{.reverse_path = {},
                                      .recipients = *std::move(accepted),
                                      .arrival = std::move(own->arrival),
                                      .content_from = own->front.size(),
                                      .prefix = std::move(own->signature),
                                      .tls_optional = letter.tls_optional,
                                      .author = sender().domain,
                                      .signers = {sender().domain},
                                      .journey = journey};
    const std::vector<delivery::Outcome> outcomes = co_await dependencies_.delivery.accept(std::move(transaction));
    for (const delivery::Outcome& outcome : outcomes)
        if (!outcome) co_return failure(outcome.error().text);
    co_return journey;
}

} // namespace tegami::reporting
