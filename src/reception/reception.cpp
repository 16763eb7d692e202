#include "reception/reception.h"

#include "message/build.h"
#include "reception/dmarc_policy.h"
#include "reception/trace_header.h"
#include "trust/spf/received_spf.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::reception {

namespace {

smtp::Reply try_later() {
    return smtp::make_reply(451, "4.3.0", "the directory cannot be read now, please try again later");
}

/// Whether a field of that name has an address. One that is empty, or has comments or the names of groups only, says
/// as little as none.
bool names_somebody(const message::Header& header, std::string_view name) {
    return std::ranges::any_of(header.find_all(name), [&](const message::HeaderField* field) {
        return std::ranges::any_of(message::parse_address_list(header.raw_value(*field)),
                                   [](const message::HeaderAddress& each) { return !each.domain.empty(); });
    });
}

/// What a submitted message lacks (RFC 6409 §8). Programs in trusted networks hand in mail without a login, many of
/// them without Date and Message-ID, and big providers refuse mail without; only whom it is from nobody knows then.
std::string lacking_fields(const Offer& offer) {
    if (!offer.client.identity && !offer.client.trusted) return {};
    std::optional<message::EmailAddress> from;
    if (offer.client.identity) from = offer.client.identity->address;
    const message::DateTime date{.utc = std::chrono::floor<std::chrono::seconds>(offer.time)};
    return message::fields_to_add(message::missing_fields(offer.letter->header()), date,
                                  fmt::format("{}@{}", offer.journey, offer.host_name), from);
}

} // namespace

async::Awaitable<Verdict<>> Reception::check_sender(Client client, std::optional<message::EmailAddress> reverse_path) {
    if (!client.identity || !reverse_path) co_return Verdict<>{};
    const auto allowed = co_await directory_.may_send_as(client.identity->account, *reverse_path);
    if (!allowed) co_return failure(try_later());
    if (*allowed) co_return Verdict<>{};
    // RFC 6409 §6.1
    co_return failure(
        smtp::make_reply(550, "5.7.1",
                         fmt::format("<{}> is not an address of {}: send from your own address or one of your aliases",
                                     reverse_path->to_string(), client.identity->address.to_string())));
}

async::Awaitable<Verdict<AcceptedRecipient>> Reception::check_recipient(Client client, message::EmailAddress recipient,
                                                                        std::uint64_t declared_bytes) {
    auto resolution = co_await directory_.resolve(recipient);
    message::EmailAddress target = recipient;
    bool passed_on = false;
    // A letter that came by here twice has a return path of ours inside another.
    while (resolution && srs::Rewriter::is_rewritten(target) &&
           !std::holds_alternative<directory::NotLocalDomain>(*resolution)) {
        auto sender = return_paths_.restore(target, clock_.now());
        if (!sender) break;
        target = *std::move(sender);
        passed_on = true;
        resolution = co_await directory_.resolve(target);
    }
    if (!resolution) co_return failure(try_later());
    if (std::holds_alternative<directory::UnknownUser>(*resolution))
        co_return failure(
            smtp::make_reply(550, "5.1.1", fmt::format("<{}>: no such user here", recipient.to_string())));

    AcceptedRecipient accepted{.address = recipient};
    if (const auto* local = std::get_if<directory::Local>(&*resolution)) {
        accepted.accounts = local->accounts;
        accepted.remote = local->remote;
        accepted.for_server = local->for_server;
    } else if (client.identity || client.trusted || passed_on) {
        accepted.remote.push_back(target);
    } else {
        co_return failure(smtp::make_reply(
            550, "5.7.1",
            fmt::format("<{}>: we do not relay for you; log in to send mail elsewhere", recipient.to_string())));
    }
    // One full mailbox among the many of an alias is that mailbox's trouble; alone it is the sender's.
    if (accepted.accounts.size() == 1 && accepted.remote.empty())
        CO_TRY_VOID(co_await check_quota(accepted.accounts.front(), declared_bytes));
    co_return accepted;
}

async::Awaitable<Verdict<Front>> Reception::decide(Offer offer) {
    const std::size_t hops = offer.letter->header().find_all("Received").size();
    if (hops > kHopsMax)
        co_return failure(smtp::make_reply(
            554, "5.4.6", fmt::format("the message has passed {} servers: it goes round in a circle", hops)));
    CO_TRY_VOID(co_await check_authors(offer.client, offer.letter));
    Front front{.octets = return_path_field(offer.reverse_path)};
    // For readers here alone: another server looks for itself.
    if (offer.finding != nullptr) front.octets += bimi::fields_for_readers(offer.finding->verdicts.bimi);
    front.for_mailboxes_bytes = front.octets.size();
    if (offer.finding != nullptr) {
        CO_TRY(front.junk, apply_dmarc(offer.finding->verdicts, offer.letter->header(), offer.trusted_sealers));
        // Above our Received field (RFC 8601 §4).
        front.octets += trust::authentication_results_field(
            verification::authentication_results(offer.finding->subject, offer.finding->verdicts));
        const spf::Verdict* const spf = offer.finding->verdicts.spf();
        if (offer.received_spf && spf != nullptr)
            front.octets += spf::received_spf_field(verification::spf_input(offer.finding->subject), *spf);
    }
    front.octets += received_field(
        offer.client,
        {.by_host = offer.host_name, .id = offer.journey, .recipient = offer.only_recipient, .time = offer.time});
    front.octets += lacking_fields(offer);
    co_return front;
}

/// A user's From must be the user's too, or every recipient would believe what only the envelope refuses. A message
/// that is sent again as it was (RFC 5322 §3.6.6) keeps its authors; who sends it again must be the user.
async::Awaitable<Verdict<>> Reception::check_authors(Client client, const ingest::Letter* letter) {
    if (!client.identity) co_return Verdict<>{};
    const message::Header header = letter->header();
    // Behind the limit may stand a field that nobody here has seen.
    if (header.fields().size() >= message::kHeaderFieldsMax || header.size() > message::kHeaderBytesMax)
        co_return failure(smtp::make_reply(552, "5.3.4", "the header of the message is too long"));
    if (names_somebody(header, "Resent-From") || names_somebody(header, "Resent-Sender")) {
        Verdict<> from = co_await check_field(client, letter, "Resent-From");
        if (from && names_somebody(header, "Resent-From")) co_return from;
        if (names_somebody(header, "Resent-Sender")) co_return co_await check_field(client, letter, "Resent-Sender");
        co_return from;
    }
    if (header.contains("From") && !names_somebody(header, "From"))
        co_return failure(smtp::make_reply(550, "5.7.1", "the field From names no mail address: it must be yours"));
    CO_TRY_VOID(co_await check_field(client, letter, "From"));
    co_return co_await check_field(client, letter, "Sender");
}

/// Whether the address is at one of our domains.
async::Awaitable<Verdict<bool>> Reception::is_ours(message::EmailAddress address) {
    const auto resolution = co_await directory_.resolve(std::move(address));
    if (!resolution) co_return failure(try_later());
    co_return !std::holds_alternative<directory::NotLocalDomain>(*resolution);
}

/// Whether every address in the fields of that name is the user's; a Sender elsewhere is only what a program calls the
/// machine that it runs on. Of the blocks of Resent- fields the first is the newest (RFC 5322 §3.6.6), and older ones
/// are of others.
async::Awaitable<Verdict<>> Reception::check_field(Client client, const ingest::Letter* letter, std::string name) {
    const message::Header header = letter->header();
    const bool newest_only = name.starts_with("Resent-");
    for (const message::HeaderField* field : header.find_all(name)) {
        bool named = false;
        for (const message::HeaderAddress& author : message::parse_address_list(header.raw_value(*field))) {
            if (author.domain.empty()) continue;
            named = true;
            const auto address = author.email();
            if (name == "Sender") {
                if (!address) continue;
                CO_TRY(const bool ours, co_await is_ours(*address));
                if (!ours) continue;
            }
            if (!address)
                co_return failure(smtp::make_reply(
                    550, "5.7.1", fmt::format("the address in the field {} is not one of this network", name)));
            CO_TRY_VOID(co_await check_sender(client, address));
        }
        if (named && newest_only) break;
    }
    co_return Verdict<>{};
}

async::Awaitable<Verdict<>> Reception::check_quota(directory::LocalRecipient recipient, std::uint64_t bytes) {
    const auto account = co_await store_.account(recipient.account);
    if (!account)
        co_return failure(smtp::make_reply(451, "4.3.0", "the mailbox cannot be opened now, please try again later"));
    const store::QuotaUse use = (*account)->quota();
    const bool full =
        (use.limit.bytes_max != 0 && use.bytes + std::max<std::uint64_t>(bytes, 1) > use.limit.bytes_max) ||
        (use.limit.messages_max != 0 && use.messages >= use.limit.messages_max);
    if (!full) co_return Verdict<>{};
    co_return failure(
        smtp::make_reply(452, "4.2.2", fmt::format("<{}>: the mailbox is full", recipient.address.to_string())));
}

} // namespace tegami::reception
