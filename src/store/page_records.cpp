#include "store/page_records.h"

#include "base/bytes.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>

namespace tegami::store::record {

namespace {

using bytes::append_varint;
using bytes::Reader;

/// The first octet of a column: how many octets each value takes, or that runs follow.
constexpr std::uint8_t kRuns = 0;
constexpr std::size_t kWidthMax = 8;
/// Runs are read one by one, plain values many at a time: runs have to be shorter by this factor.
constexpr std::size_t kRunsGain = 2;

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        ++size;
    return size;
}

/// The way from one number to another, small if they are near each
/// other. Numbers wrap round, so that a damaged record may say anything.
constexpr std::uint64_t step_between(std::uint64_t from, std::uint64_t to) {
    const std::uint64_t way = to - from;
    return (way << 1) ^ (std::uint64_t{0} - (way >> 63));
}

constexpr std::uint64_t after_step(std::uint64_t from, std::uint64_t step) {
    return from + ((step >> 1) ^ (std::uint64_t{0} - (step & 1)));
}

/// Calls `f(value, count)` for each run of equal values.
template <class F>
void for_each_run(std::span<const std::uint64_t> values, F f) {
    for (std::size_t at = 0; at < values.size();) {
        std::size_t end = at + 1;
        while (end < values.size() && values[end] == values[at])
            ++end;
        f(values[at], end - at);
        at = end;
    }
}

/// Adds little-endian numbers of `kWidth` octets.
template <std::size_t kWidth>
void append_fixed(std::string& out, std::span<const std::uint64_t> values) {
    const std::size_t begin = out.size();
    out.resize(begin + kWidth * values.size());
    char* at = out.data() + begin;
    for (const std::uint64_t value : values) {
        for (std::size_t octet = 0; octet < kWidth; ++octet)
            at[octet] = static_cast<char>(value >> (8 * octet));
        at += kWidth;
    }
}

void append_fixed(std::string& out, std::size_t width, std::span<const std::uint64_t> values) {
    switch (width) {
    case 1: return append_fixed<1>(out, values);
    case 2: return append_fixed<2>(out, values);
    case 3: return append_fixed<3>(out, values);
    case 4: return append_fixed<4>(out, values);
    case 5: return append_fixed<5>(out, values);
    case 6: return append_fixed<6>(out, values);
    case 7: return append_fixed<7>(out, values);
    default: return append_fixed<8>(out, values);
    }
}

/// What the values would take as runs. `limit` or more once it is clear that it is not less.
std::size_t size_of_runs(std::span<const std::uint64_t> values, std::size_t limit) {
    std::size_t runs = 1;
    for (std::size_t at = 1; at < values.size(); ++at)
        runs += static_cast<std::size_t>(values[at] != values[at - 1]);
    if (2 * runs >= limit) return 2 * runs;
    std::size_t size = 0;
    for_each_run(values,
                 [&](std::uint64_t value, std::size_t count) { size += varint_size(value) + varint_size(count); });
    return size;
}

void append_column(std::string& out, std::span<const std::uint64_t> values) {
    std::uint64_t bits = 0;
    for (const std::uint64_t value : values)
        bits |= value;
    const std::size_t width = std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(bits)) + 7) / 8);
    const std::size_t limit = (width * values.size() + kRunsGain - 1) / kRunsGain;
    if (size_of_runs(values, limit) < limit) {
        out.push_back(static_cast<char>(kRuns));
        for_each_run(values, [&](std::uint64_t value, std::size_t count) {
            append_varint(out, value);
            append_varint(out, count);
        });
        return;
    }
    out.push_back(static_cast<char>(width));
    append_fixed(out, width, values);
}

/// Fills `values` from little-endian numbers of `kWidth` octets: a loop that the compiler can do for many at once,
/// since opening a mailbox of a million messages reads millions.
template <std::size_t kWidth>
void read_fixed(std::string_view octets, std::span<std::uint64_t> values) {
    const char* at = octets.data();
    for (std::uint64_t& value : values) {
        std::uint64_t read = 0;
        for (std::size_t octet = 0; octet < kWidth; ++octet)
            read |= std::uint64_t{static_cast<unsigned char>(at[octet])} << (8 * octet);
        value = read;
        at += kWidth;
    }
}

void read_fixed(std::size_t width, std::string_view octets, std::span<std::uint64_t> values) {
    switch (width) {
    case 1: return read_fixed<1>(octets, values);
    case 2: return read_fixed<2>(octets, values);
    case 3: return read_fixed<3>(octets, values);
    case 4: return read_fixed<4>(octets, values);
    case 5: return read_fixed<5>(octets, values);
    case 6: return read_fixed<6>(octets, values);
    case 7: return read_fixed<7>(octets, values);
    default: return read_fixed<8>(octets, values);
    }
}

/// Fills `values`; false if the column is not one of so many.
bool read_column(Reader& in, std::span<std::uint64_t> values) {
    const auto width = in.big_endian<std::uint8_t>();
    if (in.failed() || width > kWidthMax) return false;
    if (width != kRuns) {
        const std::string_view octets = in.take(width * values.size());
        if (in.failed()) return false;
        read_fixed(width, octets, values);
        return true;
    }
    while (!values.empty()) {
        const std::uint64_t value = in.varint();
        const std::uint64_t run = in.varint();
        if (run == 0 || run > values.size()) return false;
        std::ranges::fill(values.first(run), value);
        values = values.subspan(run);
    }
    return !in.failed();
}

/// Turns steps into the values they lead to.
void add_up(std::span<std::uint64_t> steps) {
    std::uint64_t before = 0;
    for (std::uint64_t& step : steps)
        step = before = after_step(before, step);
}

/// Puts the values into a column of a narrower type; false if one of them is above `max`, a power of two less one.
template <class T>
bool narrow(std::span<const std::uint64_t> values, std::uint64_t max, std::vector<T>& column) {
    std::uint64_t bits = 0;
    column.resize(values.size());
    std::ranges::transform(values, column.begin(), [&](std::uint64_t value) {
        bits |= value;
        return static_cast<T>(value);
    });
    return bits <= max;
}

void append_keyword_set(std::string& out, const KeywordSet& set) {
    append_varint(out, set.size());
    for (const std::uint16_t keyword : set)
        append_varint(out, keyword);
}

std::optional<KeywordSet> read_keyword_set(Reader& in) {
    KeywordSet set;
    const std::uint64_t count = in.varint();
    if (count > kKeywordsPerMessageMax) return std::nullopt;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t keyword = in.varint();
        if (keyword >= kKeywordsPerAccountMax || (i > 0 && keyword <= set.back())) return std::nullopt;
        set.push_back(static_cast<std::uint16_t>(keyword));
    }
    if (in.failed()) return std::nullopt;
    return set;
}

void append_columns(std::string& out, const PageColumns& columns) {
    const std::size_t count = columns.count();
    append_varint(out, count);
    std::vector<std::uint64_t> values(count);
    const auto column = [&](auto value_of) {
        for (std::size_t at = 0; at < count; ++at)
            values[at] = value_of(at);
        append_column(out, values);
    };
    column([&, next = 0u](std::size_t at) mutable {
        const std::uint32_t gap = columns.offset[at] - next;
        next = columns.offset[at] + 1u;
        return std::uint64_t{gap};
    });
    column([&](std::size_t at) { return std::uint64_t{columns.flags[at]}; });
    const auto steps = [&](auto value_of) {
        column([&, before = std::uint64_t{0}](std::size_t at) mutable {
            const std::uint64_t value = value_of(at);
            return step_between(std::exchange(before, value), value);
        });
    };
    steps([&](std::size_t at) { return std::uint64_t{columns.email[at]}; });
    steps([&](std::size_t at) { return columns.modseq[at].value; });
    column([&](std::size_t at) { return std::uint64_t{columns.size[at]}; });
    steps([&](std::size_t at) { return std::uint64_t{columns.saved[at]}; });
    if (columns.keywords.empty()) {
        append_varint(out, 0);
        return;
    }
    // Sets that no row has any more are left behind when the page is read again: see decode and compact().
    append_varint(out, columns.keyword_sets.size());
    for (std::size_t set = 1; set < columns.keyword_sets.size(); ++set)
        append_keyword_set(out, columns.keyword_sets[set]);
    column([&](std::size_t at) { return std::uint64_t{columns.keywords[at]}; });
}

bool read_keywords(Reader& in, PageColumns& columns) {
    const std::uint64_t sets = in.varint();
    if (in.failed() || sets > columns.count() + 1) return false;
    if (sets == 0) return true;
    for (std::uint64_t i = 1; i < sets; ++i) {
        auto set = read_keyword_set(in);
        if (!set) return false;
        columns.keyword_sets.push_back(*std::move(set));
    }
    std::vector<std::uint64_t> values(columns.count());
    if (!read_column(in, values) || std::ranges::any_of(values, [&](std::uint64_t index) { return index >= sets; }))
        return false;
    return narrow(values, std::numeric_limits<std::uint16_t>::max(), columns.keywords);
}

/// From the gaps before each: false if they lead out of the page.
bool set_offsets(std::span<const std::uint64_t> gaps, std::uint32_t page_uids, std::vector<std::uint16_t>& offsets) {
    offsets.resize(gaps.size());
    std::uint64_t next = 0;
    for (auto offset = offsets.begin(); const std::uint64_t gap : gaps) {
        if (gap >= page_uids || next + gap >= page_uids) return false;
        *offset++ = static_cast<std::uint16_t>(next + gap);
        next += gap + 1;
    }
    return true;
}

/// What is wanted as soon as a mailbox opens: how many messages, their UIDs and flags.
bool read_first(Reader& in, std::uint32_t page_uids, PageColumns& columns) {
    const std::uint64_t count = in.varint();
    if (in.failed() || count > page_uids) return false;
    std::vector<std::uint64_t> values(count);
    return read_column(in, values) && set_offsets(values, page_uids, columns.offset) && read_column(in, values) &&
           narrow(values, Flags::kAll, columns.flags);
}

/// How many columns read_rest() reads.
constexpr std::size_t kRestColumns = 4;

/// Emails, modseqs, sizes and saved times. If a number is too
/// large, it is cut, the others are read, and the answer is false.
bool read_rest(Reader& in, PageColumns& columns) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint64_t> values(columns.count());
    bool sound = read_column(in, values);
    add_up(values);
    sound = narrow(values, kMax, columns.email) && sound;
    sound = read_column(in, values) && sound;
    add_up(values);
    columns.modseq.assign(values);
    sound = read_column(in, values) && sound;
    sound = narrow(values, kMax, columns.size) && sound;
    sound = read_column(in, values) && sound;
    add_up(values);
    return narrow(values, kMax, columns.saved) && sound;
}

/// Steps over a column of so many values; false if it is not one.
bool skip_column(Reader& in, std::uint64_t count) {
    const auto width = in.big_endian<std::uint8_t>();
    if (in.failed() || width > kWidthMax) return false;
    if (width != kRuns) {
        (void)in.take(width * count);
        return !in.failed();
    }
    while (count != 0) {
        (void)in.varint();
        const std::uint64_t run = in.varint();
        if (run == 0 || run > count) return false;
        count -= run;
    }
    return !in.failed();
}

bool read_columns(Reader& in, std::uint32_t page_uids, PageColumns& columns) {
    return read_first(in, page_uids, columns) && read_rest(in, columns) && read_keywords(in, columns);
}

/// The columns with only the keyword sets that rows have.
PageColumns compact(const PageColumns& columns) {
    if (columns.keyword_sets.size() <= 1) return columns;
    PageColumns kept{.first_uid = columns.first_uid};
    kept.reserve(columns.count());
    for (std::size_t at = 0; at < columns.count(); ++at)
        kept.push_back(columns.row(at));
    return kept;
}

} // namespace

std::string encode_page(const PageColumns& columns) {
    std::string out = begin_value();
    append_columns(out, compact(columns));
    return out;
}

std::optional<PageColumns> decode_page(std::uint32_t first_uid, std::uint32_t page_uids, std::string_view value) {
    Reader in = open_value(value);
    PageColumns columns{.first_uid = first_uid};
    if (in.failed() || !read_columns(in, page_uids, columns) || !in.complete()) return std::nullopt;
    return columns;
}

std::optional<OpenedPage> open_page(std::uint32_t first_uid, std::uint32_t page_uids, std::string value) {
    OpenedPage page{.columns = {.first_uid = first_uid}, .later = {.record = std::move(value)}};
    const std::string_view record = page.later.record;
    Reader in = open_value(record);
    if (in.failed() || !read_first(in, page_uids, page.columns)) return std::nullopt;
    page.later.begin = record.size() - in.rest().size();
    for (std::size_t column = 0; column < kRestColumns; ++column)
        if (!skip_column(in, page.columns.count())) return std::nullopt;
    page.later.size = record.size() - in.rest().size() - page.later.begin;
    if (!read_keywords(in, page.columns) || !in.complete()) return std::nullopt;
    return page;
}

void read_later(const OpenedPage::Later& later, PageColumns& columns) {
    Reader in(std::string_view(later.record).substr(later.begin, later.size));
    (void)read_rest(in, columns);
}

std::string encode_delta(const MessageRow& row) {
    std::string out{static_cast<char>(kFormat), 1};
    out.push_back(static_cast<char>(row.flags.bits()));
    append_varint(out, row.email.value);
    append_varint(out, row.modseq.value);
    append_varint(out, row.size_bytes);
    append_varint(out, row.saved);
    append_keyword_set(out, row.keywords);
    return out;
}

std::string encode_gone() {
    return {static_cast<char>(kFormat), 0};
}

std::optional<Delta> decode_delta(Uid uid, std::string_view value) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    Reader in = open_value(value);
    const auto kind = in.big_endian<std::uint8_t>();
    if (kind == 0 && in.complete()) return Delta{.uid = uid, .row = {}};
    const auto bits = in.big_endian<std::uint8_t>();
    const std::uint64_t email = in.varint();
    const std::uint64_t modseq = in.varint();
    const std::uint64_t size = in.varint();
    const std::uint64_t saved = in.varint();
    auto keywords = read_keyword_set(in);
    if (kind != 1 || !keywords || !in.complete() || bits > Flags::kAll || std::max({email, size, saved}) > kMax)
        return std::nullopt;
    return Delta{.uid = uid,
                 .row = MessageRow{.uid = uid,
                                   .flags = Flags::from_bits(bits),
                                   .keywords = *std::move(keywords),
                                   .email = EmailId(email),
                                   .modseq = Modseq(modseq),
                                   .size_bytes = static_cast<std::uint32_t>(size),
                                   .saved = static_cast<std::uint32_t>(saved)}};
}

std::string encode(const Vanished& vanished) {
    std::string out = begin_value();
    append_time(out, vanished.time);
    out.push_back(static_cast<char>(vanished.why));
    append_columns(out, compact(vanished.rows));
    return out;
}

std::optional<Vanished> decode_vanished(std::uint32_t first_uid, std::uint32_t page_uids, std::string_view value) {
    Reader in = open_value(value);
    Vanished vanished;
    vanished.time = read_time(in);
    const auto why = in.big_endian<std::uint8_t>();
    if (why > static_cast<std::uint8_t>(Gone::taken_back)) in.fail();
    vanished.why = static_cast<Gone>(why);
    vanished.rows.first_uid = first_uid;
    if (in.failed() || !read_columns(in, page_uids, vanished.rows) || !in.complete()) return std::nullopt;
    return vanished;
}

std::string encode_emails(const std::vector<EmailRecord>& emails) {
    std::string out = begin_value();
    append_varint(out, emails.size());
    std::uint32_t before = 0;
    std::uint64_t date = 0;
    for (const EmailRecord& email : emails) {
        append_varint(out, email.id - std::exchange(before, email.id));
        append_varint(out, step_between(email.id, email.thread));
        append_blob(out, email.blob);
        const auto moment = static_cast<std::uint64_t>(email.internal_date.time_since_epoch().count());
        append_varint(out, step_between(std::exchange(date, moment), moment));
        append_zone(out, email.zone);
    }
    return out;
}

std::optional<std::vector<EmailRecord>> decode_emails(std::uint32_t page, std::uint32_t page_emails,
                                                      std::string_view value) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    Reader in = open_value(value);
    std::vector<EmailRecord> emails;
    const std::uint64_t count = in.varint();
    if (in.failed() || count > page_emails) return std::nullopt;
    emails.reserve(count);
    std::uint64_t id = 0;
    std::uint64_t date = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t gap = in.varint();
        id += gap;
        if (in.failed() || gap > kMax || (gap == 0 && i > 0) || id / page_emails != page) return std::nullopt;
        EmailRecord& email = emails.emplace_back();
        email.id = static_cast<std::uint32_t>(id);
        const std::uint64_t thread = after_step(id, in.varint());
        if (thread > kMax) return std::nullopt;
        email.thread = static_cast<std::uint32_t>(thread);
        email.blob = read_blob(in);
        date = after_step(date, in.varint());
        email.internal_date = Timestamp(Duration(static_cast<std::int64_t>(date)));
        email.zone = read_zone(in);
    }
    if (!in.complete()) return std::nullopt;
    return emails;
}

std::string encode_counts(const std::vector<std::uint32_t>& counts) {
    std::string out = begin_value();
    append_column(out, std::vector<std::uint64_t>(counts.begin(), counts.end()));
    return out;
}

std::optional<std::vector<std::uint32_t>> decode_counts(std::uint32_t page_emails, std::string_view value) {
    Reader in = open_value(value);
    std::vector<std::uint64_t> values(page_emails);
    std::vector<std::uint32_t> counts;
    const bool sound =
        !in.failed() && read_column(in, values) && narrow(values, std::numeric_limits<std::uint32_t>::max(), counts);
    if (!sound || !in.complete()) return std::nullopt;
    return counts;
}

namespace {

/// The page made anew, row by row.
PageColumns merge(const PageColumns& page, const std::vector<Delta>& deltas) {
    PageColumns merged{.first_uid = page.first_uid};
    merged.reserve(page.count() + deltas.size());
    auto delta = deltas.begin();
    const auto take_deltas_below = [&](std::uint64_t uid) {
        for (; delta != deltas.end() && delta->uid.value < uid; ++delta)
            if (delta->row) merged.push_back(*delta->row);
    };
    for (std::size_t at = 0; at < page.count(); ++at) {
        const std::uint32_t uid = page.first_uid + page.offset[at];
        take_deltas_below(uid);
        const bool replaced = delta != deltas.end() && delta->uid.value == uid;
        if (!replaced)
            merged.push_back(page.row(at));
        else
            take_deltas_below(std::uint64_t{uid} + 1);
    }
    take_deltas_below(std::numeric_limits<std::uint64_t>::max());
    return merged;
}

} // namespace

PageColumns overlay(PageColumns page, const std::vector<Delta>& deltas) {
    // Nearly all deltas are new rows behind the page's own, or new flags of a row.
    const auto last = [&] { return page.count() == 0 ? -1 : std::int64_t{page.offset.back()}; };
    if (!deltas.empty() && std::int64_t{deltas.back().uid.value} - page.first_uid > last())
        page.reserve(page.count() + deltas.size());
    for (auto delta = deltas.begin(); delta != deltas.end(); ++delta) {
        const std::int64_t offset = std::int64_t{delta->uid.value} - page.first_uid;
        if (delta->row && offset > last()) {
            page.push_back(*delta->row);
            continue;
        }
        const auto place = std::ranges::lower_bound(page.offset, offset);
        const bool here = place != page.offset.end() && *place == offset;
        if (!delta->row || !here) return merge(page, {delta, deltas.end()});
        page.replace(static_cast<std::size_t>(place - page.offset.begin()), *delta->row);
    }
    return page;
}

} // namespace tegami::store::record
