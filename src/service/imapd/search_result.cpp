// How SEARCH answers: as a list (RFC 3501 §7.2.5) or as ESEARCH (RFC 4731, RFC 9051 §7.3.4).
#include "async/turns.h"
#include "service/imapd/search_messages.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tegami::imapd {

namespace {

using imap::SearchReturn;

/// RFC 6203 §4.
constexpr unsigned kRelevancyMax = 100;
constexpr unsigned kRelevancyUnknown = 50;
/// Numbers written in one go.
constexpr std::size_t kResultBatchMessages = 512;

/// " 1 2 5" (RFC 3501 §7.2.5), in pieces.
async::Awaitable<> write_list(Session* session, imap::Numbering numbering, const imap::NumberRanges* matches) {
    NumberBatches batches(matches);
    while (true) {
        const std::vector<NumberedUid> batch = batches.next(session->selected->numbers(), kResultBatchMessages);
        if (batch.empty()) co_return;
        for (const NumberedUid& message : batch)
            imap::append_search_number(session->out(),
                                       numbering == imap::Numbering::uid ? message.uid.value : message.number.value);
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
}

/// The label and "1:2,5" (RFC 4731 §3.1), in pieces; nothing without matches.
async::Awaitable<> write_set(Session* session, EsearchAnswer answer, const imap::NumberRanges* matches,
                             std::string label) {
    const imap::Numbering numbering = answer.command->numbering;
    imap::EsearchSet set(&session->out(), label);
    NumberBatches batches(matches);
    while (true) {
        const std::vector<NumberedUid> batch = batches.next(*answer.place.numbers, kResultBatchMessages);
        if (batch.empty()) break;
        for (const NumberedUid& message : batch)
            set.add(numbering == imap::Numbering::uid ? message.uid.value : message.number.value);
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    set.finish();
}

/// " RELEVANCY (4 99 42)" (RFC 6203 §4), in pieces.
async::Awaitable<> write_relevancies(Session* session, EsearchAnswer answer, const imap::NumberRanges* matches) {
    NumberBatches batches(matches);
    std::string_view before = " RELEVANCY (";
    while (true) {
        const std::vector<NumberedUid> batch = batches.next(*answer.place.numbers, kResultBatchMessages);
        if (batch.empty()) break;
        for (const NumberedUid& message : batch) {
            session->out().append(before).append(std::to_string(answer.found->relevancies.of(message.number.value)));
            before = " ";
        }
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    if (!matches->empty()) session->out() += ")";
}

/// RFC 4731 §3.2: with MIN or MAX alone, that of these messages; else that of all.
std::uint64_t modseq_of(const SessionView& numbers, imap::SearchReturns returns, const SearchFound& found) {
    const bool ends_only = !returns.contains(SearchReturn::all) && !returns.contains(SearchReturn::count) &&
                           !returns.contains(SearchReturn::partial) &&
                           (returns.contains(SearchReturn::min) || returns.contains(SearchReturn::max));
    if (!ends_only) return found.highest_modseq;
    const auto modseq = [&](std::uint32_t number) {
        const std::optional<store::MessageRow> row = numbers.row(numbers.uid_of(imap::SequenceNumber(number)));
        return row ? row->modseq.value : 0;
    };
    std::uint64_t highest = 0;
    if (returns.contains(SearchReturn::min)) highest = modseq(found.matches.front().first);
    if (returns.contains(SearchReturn::max)) highest = std::max(highest, modseq(found.matches.back().last));
    return highest == 0 ? found.highest_modseq : highest;
}

/// Without RETURN, all of them.
imap::SearchReturns returns_of(const imap::Search& command) {
    return command.returns.value_or(imap::SearchReturns{SearchReturn::all});
}

imap::EsearchCounts counts_of(const EsearchAnswer& answer) {
    const imap::SearchReturns returns = returns_of(*answer.command);
    const imap::NumberRanges& matches = answer.found->matches;
    const auto name_of = [&](std::uint32_t number) {
        if (answer.command->numbering == imap::Numbering::sequence) return number;
        return answer.place.numbers->uid_of(imap::SequenceNumber(number)).value;
    };
    imap::EsearchCounts counts;
    if (returns.contains(SearchReturn::count)) counts.count = static_cast<std::uint32_t>(imap::count_of(matches));
    if (matches.empty()) return counts;
    if (returns.contains(SearchReturn::min)) counts.min = name_of(matches.front().first);
    if (returns.contains(SearchReturn::max)) counts.max = name_of(matches.back().last);
    return counts;
}

} // namespace

async::Awaitable<> write_esearch(Session* session, EsearchAnswer answer) {
    const imap::SearchReturns returns = returns_of(*answer.command);
    // RFC 9051 §6.4.4: SAVE alone answers nothing.
    if (returns == imap::SearchReturns{SearchReturn::save}) co_return;
    const SearchFound& found = *answer.found;
    imap::append_esearch_begin(session->out(), session->tag, answer.command->numbering, counts_of(answer),
                               answer.mailbox);
    if (returns.contains(SearchReturn::all)) {
        co_await write_set(session, answer, &found.matches, " ALL ");
    }
    if (returns.contains(SearchReturn::partial)) {
        const imap::NumberRanges part = imap::part_of(found.matches, *answer.command->partial);
        session->out() += " PARTIAL (" + imap::to_string(*answer.command->partial);
        if (part.empty()) session->out() += " NIL";
        co_await write_set(session, answer, &part, " ");
        session->out() += ")";
    }
    if (returns.contains(SearchReturn::relevancy)) {
        const bool some = returns.contains(SearchReturn::partial);
        const imap::NumberRanges told = some ? imap::part_of(found.matches, *answer.command->partial) : found.matches;
        co_await write_relevancies(session, answer, &told);
    }
    if (found.highest_modseq != 0 && !found.matches.empty())
        session->out() += " MODSEQ " + std::to_string(modseq_of(*answer.place.numbers, returns, found));
    session->out() += "\r\n";
}

void Relevancies::add(std::uint32_t number, std::optional<float> score) {
    if (!score) return;
    scores_.push_back({number, *score});
    least_ = std::min(least_, *score);
    most_ = std::max(most_, *score);
}

void Relevancies::end_batch() {
    std::ranges::sort(scores_.begin() + static_cast<std::ptrdiff_t>(batch_), scores_.end(), {}, &Score::number);
    batch_ = scores_.size();
}

unsigned Relevancies::of(std::uint32_t number) const {
    const auto found = std::ranges::lower_bound(scores_, number, {}, &Score::number);
    // New mail is not in the index yet: nothing says that it fits worse than others.
    if (found == scores_.end() || found->number != number) return kRelevancyUnknown;
    if (least_ == most_) return kRelevancyMax;
    return 1 + static_cast<unsigned>(std::lround((kRelevancyMax - 1) * (found->score - least_) / (most_ - least_)));
}

imap::NumberRanges to_save(const imap::Search& command, const imap::NumberRanges& matches) {
    const imap::SearchReturns returns = *command.returns;
    const bool some = returns.contains(SearchReturn::min) || returns.contains(SearchReturn::max) ||
                      returns.contains(SearchReturn::partial);
    if (!some || returns.contains(SearchReturn::all) || returns.contains(SearchReturn::count) || matches.empty())
        return matches;
    const std::uint32_t min = matches.front().first;
    const std::uint32_t max = matches.back().last;
    imap::NumberRanges saved;
    if (returns.contains(SearchReturn::partial)) saved = imap::part_of(matches, *command.partial);
    if (returns.contains(SearchReturn::min)) saved.push_back({.first = min, .last = min});
    if (returns.contains(SearchReturn::max)) saved.push_back({.first = max, .last = max});
    return imap::normalised(std::move(saved));
}

async::Awaitable<> write_search_result(Session* session, const imap::Search* command, const SearchFound* found) {
    // RFC 9051 Appendix E: SEARCH is the old form, for sessions that have not enabled the new one.
    if (command->returns || session->enabled.contains(imap::Enabled::imap4rev2)) {
        const EsearchAnswer answer{.command = command, .place = selected_place(*session), .found = found};
        co_await write_esearch(session, answer);
        co_return;
    }
    imap::append_search_begin(session->out());
    co_await write_list(session, command->numbering, &found->matches);
    if (found->highest_modseq != 0 && !found->matches.empty())
        session->out() += " (MODSEQ " + std::to_string(found->highest_modseq) + ")";
    session->out() += "\r\n";
}

} // namespace tegami::imapd
