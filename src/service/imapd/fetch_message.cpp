#include "service/imapd/fetch_message.h"

#include "message/card.h"
#include "protocol/imap/structure_writer.h"
#include "protocol/imap/writer.h"
#include "service/imapd/announce.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/part_reader.h"
#include "store/retrieval.h"

#include <algorithm>
#include <chrono>
#include <variant>

namespace tegami::imapd {

namespace {

using imap::FetchAttribute;

/// Limit: octets of a header that are looked at for HEADER.FIELDS.
constexpr std::uint64_t kFilteredHeaderBytesMax = message::kHeaderBytesMax;

/// The whole message, under either name: no structure has to be known.
bool is_whole_message(const imap::FetchBody& item) {
    return item.section.part.empty() && item.section.text == imap::SectionText::whole;
}

bool begins_at_first_octet(const imap::FetchBody& item) {
    return is_whole_message(item) && (!item.partial || item.partial->first == 0);
}

/// One line while it is written.
struct Line {
    FetchJob* job;
    const FetchSource* source;
    const message::Card* card;
    imap::FetchResponse* response;

    Session& session() const { return *job->session; }

    store::Store* store() const { return job->session->service->store; }

    std::uint64_t object_base() const { return imapd::object_base(*job->session, job->session->selected->account()); }
};

/// Sends octets that `reader` yields after `skip` of them, `size` in all; the literal's head is written already.
async::Awaitable<store::StoreResult<>> send(Session* session, PartReader reader, std::uint64_t skip,
                                            std::uint64_t size) {
    while (size > 0) {
        CO_TRY(const std::string octets, co_await reader.next());
        if (octets.empty())
            co_return failure(store::Error{store::ErrorCode::damaged, "a message has fewer octets than its card says"});
        const std::size_t skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip, octets.size()));
        const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(size, octets.size() - skipped));
        session->out().append(octets, skipped, taken);
        skip -= skipped;
        size -= taken;
        co_await session->output.flush_if_full();
    }
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> write_range(const Line* line, imap::FetchItem item, imap::OctetRange range) {
    line->response->stream(item, range.length);
    PartReader reader(line->store(), line->source->email->blob.id, range);
    co_return co_await send(line->job->session, std::move(reader), 0, range.length);
}

async::Awaitable<store::StoreResult<>> write_filtered_header(const Line* line, imap::FetchBody item,
                                                             imap::OctetRange header) {
    const std::uint64_t length = std::min(header.length, kFilteredHeaderBytesMax);
    CO_TRY(const std::string octets,
           co_await line->store()->read_blob(line->source->email->blob.id, header.offset, length));
    const std::string fields = imap::filter_header(octets, item.section);
    line->response->text(item, imap::clipped(fields, item.partial));
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> write_body(const Line* line, imap::FetchBody item) {
    if (is_whole_message(item)) {
        const imap::OctetRange whole{.offset = 0, .length = line->source->email->blob.size};
        const imap::OctetRange range = imap::clipped(whole, item.partial);
        if (!begins_at_first_octet(item)) co_return co_await write_range(line, std::move(item), range);
        line->response->stream(item, range.length);
        PartReader reader(line->store(), line->source->email->blob.id, range, line->source->start);
        co_return co_await send(line->job->session, std::move(reader), 0, range.length);
    }
    const imap::SectionPlan plan = imap::plan_section(line->card->root, item);
    if (const auto* const send_range = std::get_if<imap::SendRange>(&plan))
        co_return co_await write_range(line, std::move(item), send_range->range);
    if (const auto* const filter = std::get_if<imap::FilterHeader>(&plan))
        co_return co_await write_filtered_header(line, std::move(item), filter->header);
    line->response->text(item, std::nullopt);
    co_return store::StoreResult<>{};
}

/// What is known of a decoded part after reading it once.
struct Measured {
    std::uint64_t size = 0;
    bool has_nul = false;
};

async::Awaitable<store::StoreResult<Measured>> measure(PartReader reader) {
    Measured measured;
    while (true) {
        CO_TRY(const std::string octets, co_await reader.next());
        if (octets.empty()) co_return measured;
        measured.size += octets.size();
        measured.has_nul = measured.has_nul || octets.find('\0') != std::string::npos;
    }
}

/// Reads the part as BINARY wants it. Nothing if there is no such part, or if it cannot be decoded.
std::optional<PartReader> open_binary(const Line& line, const std::vector<std::uint32_t>& part) {
    const Result<imap::BinaryPlan, imap::BinaryError> plan = imap::plan_binary(line.card->root, part);
    if (!plan) {
        line.job->unknown_encoding |= plan.error() == imap::BinaryError::unknown_encoding;
        return std::nullopt;
    }
    const message::Part* const of = message::find_part(line.card->root, part);
    const bool text = of != nullptr && of->kind == message::PartKind::text;
    return PartReader(line.store(), line.source->email->blob.id, plan->encoded, plan->encoding, text);
}

async::Awaitable<store::StoreResult<>> write_binary(const Line* line, imap::FetchBinary item) {
    std::optional<PartReader> reader = open_binary(*line, item.part);
    if (!reader) {
        line->response->text(item, std::nullopt);
        co_return store::StoreResult<>{};
    }
    // The size stands before the octets, so the part is decoded twice; it is never whole in memory.
    CO_TRY(const Measured measured, co_await measure(*reader));
    const imap::OctetRange window = imap::clipped(imap::OctetRange{.length = measured.size}, item.partial);
    line->response->stream(item, window.length, measured.has_nul);
    co_return co_await send(line->job->session, *std::move(reader), window.offset, window.length);
}

async::Awaitable<store::StoreResult<>> write_binary_size(const Line* line, imap::FetchBinarySize item) {
    std::optional<PartReader> reader = open_binary(*line, item.part);
    if (!reader) {
        line->response->binary_size(item, 0);
        co_return store::StoreResult<>{};
    }
    CO_TRY(const Measured measured, co_await measure(*std::move(reader)));
    line->response->binary_size(item, measured.size);
    co_return store::StoreResult<>{};
}

/// The moment at which the message came into the mailbox, by the server's clock (RFC 8514 §3).
imap::DateTime save_date(const Session& session, const store::MessageRow& row) {
    const std::chrono::sys_seconds moment{std::chrono::seconds(row.saved)};
    return {.moment = moment, .zone = session.service->timers->zone(Timestamp(moment))};
}

void write_attribute(const Line& line, FetchAttribute attribute) {
    const imap::EnabledSet enabled = line.session().enabled;
    imap::FetchResponse& response = *line.response;
    switch (attribute) {
    case FetchAttribute::uid: response.uid(line.source->row.uid); break;
    case FetchAttribute::flags: response.flags(line.session().selected->flags(line.source->row, enabled)); break;
    case FetchAttribute::rfc822_size: response.rfc822_size(line.source->row.size_bytes); break;
    case FetchAttribute::internal_date:
        response.internal_date({.moment = std::chrono::floor<std::chrono::seconds>(line.source->email->internal_date),
                                .zone = line.source->email->zone});
        break;
    case FetchAttribute::envelope: response.raw(attribute, imap::write_envelope(line.card->envelope, enabled)); break;
    case FetchAttribute::body:
        response.raw(attribute, imap::write_structure(line.card->root, imap::StructureForm::body, enabled));
        break;
    case FetchAttribute::body_structure:
        response.raw(attribute, imap::write_structure(line.card->root, imap::StructureForm::body_structure, enabled));
        break;
    case FetchAttribute::modseq: response.modseq(line.source->row.modseq.value); break;
    case FetchAttribute::email_id: response.email_id(line.object_base() + line.source->row.email.value); break;
    case FetchAttribute::thread_id: response.thread_id(line.object_base() + line.source->email->thread.value); break;
    case FetchAttribute::save_date: response.save_date(save_date(line.session(), line.source->row)); break;
    case FetchAttribute::preview: response.preview(line.card->preview); break;
    }
}

async::Awaitable<store::StoreResult<>> write_item(const Line* line, imap::FetchItem item) {
    if (auto* const body = std::get_if<imap::FetchBody>(&item)) {
        co_return co_await write_body(line, std::move(*body));
    }
    if (auto* const binary = std::get_if<imap::FetchBinary>(&item))
        co_return co_await write_binary(line, std::move(*binary));
    if (auto* const size = std::get_if<imap::FetchBinarySize>(&item))
        co_return co_await write_binary_size(line, std::move(*size));
    write_attribute(*line, std::get<FetchAttribute>(item));
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> write_items(const Line* line) {
    for (const imap::FetchItem& item : *line->job->items)
        CO_TRY_VOID(co_await write_item(line, item));
    co_return store::StoreResult<>{};
}

/// What a line has because the FETCH itself changed the flags (RFC 7162 §3.2.4).
void write_told(const Line& line) {
    const auto write = [&](FetchAttribute attribute) {
        if (std::ranges::find(*line.job->items, imap::FetchItem(attribute)) == line.job->items->end())
            write_attribute(line, attribute);
    };
    write(FetchAttribute::flags);
    if (!line.session().enabled.contains(imap::Enabled::condstore)) return;
    write(FetchAttribute::uid);
    write(FetchAttribute::modseq);
}

void record_fetch(const Session& session, std::string journey) {
    store::record_retrieval(*session.service->journeys, {.journey = std::move(journey),
                                                         .account = session.identity->address.to_string(),
                                                         .service = "IMAP",
                                                         .client = session.client});
}

} // namespace

FetchNeeds needs_of(const std::vector<imap::FetchItem>& items) {
    FetchNeeds needs;
    for (const imap::FetchItem& item : items) {
        needs.seen |= imap::sets_seen(item);
        if (const auto* const attribute = std::get_if<FetchAttribute>(&item)) {
            needs.flags |= *attribute == FetchAttribute::flags;
            needs.email |= *attribute == FetchAttribute::internal_date || *attribute == FetchAttribute::thread_id;
            needs.card |= *attribute == FetchAttribute::envelope || *attribute == FetchAttribute::preview;
            needs.structure |= *attribute == FetchAttribute::body || *attribute == FetchAttribute::body_structure;
        } else if (const auto* const body = std::get_if<imap::FetchBody>(&item)) {
            needs.email = true;
            needs.structure |= !is_whole_message(*body);
            needs.start |= begins_at_first_octet(*body);
            needs.text |=
                body->section.text == imap::SectionText::whole || body->section.text == imap::SectionText::text;
        } else {
            needs.email = true;
            needs.structure = true;
            needs.text |= std::holds_alternative<imap::FetchBinary>(item);
        }
    }
    needs.card |= needs.structure;
    return needs;
}

async::Awaitable<> fetch_message(FetchJob* job, FetchSource* source) {
    Session& session = *job->session;
    message::Card card;
    if (job->needs.card) {
        Result<message::Card, message::CardError> decoded =
            job->needs.structure ? message::decode_card(source->card) : message::decode_card_head(source->card);
        if (!decoded) {
            job->trouble = store::Error{store::ErrorCode::damaged, "a card does not decode"};
            co_return;
        }
        card = *std::move(decoded);
    }
    const bool with_flags = job->needs.flags || source->tell_flags;
    if (with_flags) {
        co_await introduce_keywords(job->session, session.selected->flags(source->row, session.enabled));
    }

    const std::size_t begin = session.out().size();
    const std::uint64_t flushes = session.output.flushes();
    const bool unknown_encoding_before = job->unknown_encoding;
    imap::FetchResponse response(session.out(), source->number, session.enabled);
    const Line line{.job = job, .source = source, .card = &card, .response = &response};
    const store::StoreResult<> written = co_await write_items(&line);
    const bool undecodable = job->unknown_encoding && !unknown_encoding_before;
    if (written && !undecodable) {
        if (source->tell_flags) write_told(line);
        response.finish();
        const bool traced = job->needs.text && !source->card.empty() &&
                            session.selected->is_first_fetch(source->row.uid) &&
                            store::is_traced(source->email->internal_date, session.service->timers->now());
        if (!traced) co_return;
        if (!job->needs.card) {
            if (Result<message::Card, message::CardError> decoded = message::decode_card_head(source->card)) {
                card = *std::move(decoded);
            }
        }
        record_fetch(session, card.journey);
        co_return;
    }
    if (!written) job->trouble = written.error();
    if (session.output.flushes() != flushes) {
        session.service->log->error("a message broke off in the middle of an answer", {{"service", "imap"}});
        throw TransportEnded{net::IoError::failed};
    }
    session.out().resize(begin);
}

} // namespace tegami::imapd
