#include "store/sort_records.h"

#include "base/bytes.h"
#include "store/account_records.h"
#include "store/packed_octets.h"
#include "store/record_coding.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::store {

namespace {

/// Skips strings that bytes::append_string wrote.
std::string_view nth_string(std::string_view octets, std::size_t nth) {
    bytes::Reader in(octets);
    for (; nth > 0; --nth)
        in.string();
    return in.string();
}

} // namespace

std::string_view SortRow::person(message::SortPerson who) const {
    return nth_string(people, static_cast<std::size_t>(who));
}

HeldSortFields::HeldSortFields(message::SortFields of, Timestamp came) : arrival(came), fields(std::move(of)) {
    for (const std::string& person : fields.people)
        bytes::append_string(people, person);
}

SortRow HeldSortFields::row() const {
    const auto came = std::chrono::floor<std::chrono::seconds>(arrival).time_since_epoch().count();
    return {.arrival = arrival,
            .sent = fields.sent.value_or(came),
            .is_reply = fields.is_reply,
            .id = fields.id,
            .subject = fields.subject,
            .references = fields.references,
            .people = people};
}

namespace record {

namespace {

constexpr std::uint64_t kIsReply = 1;
constexpr std::uint64_t kHasId = 2;
/// Limit: octets of a section before compression; a group's rows at their longest.
constexpr std::size_t kSectionBytesMax = 4u << 20;
constexpr std::size_t kHashBytes = sizeof(std::uint64_t);

std::uint64_t zigzag(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
}

/// The difference, whatever the numbers are.
std::int64_t minus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t microseconds(Timestamp time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

std::int64_t seconds(Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// What the rows of a page lie in.
struct SortOctets {
    std::string subjects;
    std::string people;
    std::vector<std::uint64_t> hashes;
};

struct Section {
    std::size_t size = 0; ///< before compression
    std::string_view packed;
};

void append_section(std::string& value, std::string_view octets) {
    bytes::append_varint(value, octets.size());
    bytes::append_string(value, pack(octets));
}

Section read_section(bytes::Reader& in) {
    const std::uint64_t size = in.varint();
    return {static_cast<std::size_t>(size), in.string()};
}

std::optional<std::string> unpacked(const Section& section) {
    return unpack(section.packed, section.size, kSectionBytesMax);
}

/// How many hashes a row has; its id comes first.
struct HashCount {
    bool id = false;
    std::size_t references = 0;
};

/// The first section: dates and counts.
bool read_numbers(bytes::Reader& in, std::uint32_t group, std::uint32_t group_emails, SortPage& page,
                  std::vector<HashCount>& hashes) {
    const std::uint64_t count = in.varint();
    if (in.failed() || count > group_emails) return false;
    page.emails.reserve(static_cast<std::size_t>(count));
    hashes.reserve(static_cast<std::size_t>(count));
    std::uint64_t email = 0;
    std::int64_t arrival = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t gap = in.varint();
        email += std::min<std::uint64_t>(gap, kIdMax);
        arrival = plus(arrival, unzigzag(in.varint()));
        const Timestamp came{std::chrono::microseconds(arrival)};
        const std::int64_t sent = plus(seconds(came), unzigzag(in.varint()));
        const std::uint64_t flags = in.varint();
        const std::uint64_t references = in.varint();
        if (in.failed() || (gap == 0 && i > 0) || email > kIdMax || email / group_emails != group ||
            flags > (kIsReply | kHasId) || references > kPagedSortBytesMax)
            return false;
        page.emails.push_back({static_cast<std::uint32_t>(email),
                               {.arrival = came,
                                .sent = sent,
                                .is_reply = (flags & kIsReply) != 0,
                                .subject = {},
                                .references = {},
                                .people = {}}});
        hashes.push_back({(flags & kHasId) != 0, static_cast<std::size_t>(references)});
    }
    return true;
}

bool read_subjects(SortPage& page, SortOctets& octets, const Section& section) {
    std::optional<std::string> subjects = unpacked(section);
    if (!subjects) return false;
    octets.subjects = *std::move(subjects);
    bytes::Reader in(octets.subjects);
    for (SortOfEmail& email : page.emails)
        email.row.subject = in.string();
    return in.complete();
}

bool read_people(SortPage& page, SortOctets& octets, const Section& section) {
    std::optional<std::string> people = unpacked(section);
    if (!people) return false;
    octets.people = *std::move(people);
    bytes::Reader in(octets.people);
    for (SortOfEmail& email : page.emails) {
        const std::string_view before = in.rest();
        for (std::size_t person = 0; person < message::kSortPersons; ++person)
            in.string();
        if (in.failed()) return false;
        email.row.people = before.substr(0, before.size() - in.rest().size());
    }
    return in.complete();
}

bool read_hashes(SortPage& page, SortOctets& octets, const Section& section, const std::vector<HashCount>& counts) {
    const std::optional<std::string> hashes = unpacked(section);
    if (!hashes || hashes->size() % kHashBytes != 0) return false;
    bytes::Reader in(*hashes);
    octets.hashes.reserve(hashes->size() / kHashBytes);
    while (!in.rest().empty())
        octets.hashes.push_back(in.big_endian<std::uint64_t>());
    std::span<const std::uint64_t> rest = octets.hashes;
    for (std::size_t at = 0; at < page.emails.size(); ++at) {
        const auto [id, references] = counts[at];
        if (rest.size() < references + (id ? 1 : 0)) return false;
        if (id) {
            page.emails[at].row.id = rest.front();
            rest = rest.subspan(1);
        }
        page.emails[at].row.references = rest.first(references);
        rest = rest.subspan(references);
    }
    return rest.empty();
}

} // namespace

const SortRow* SortPage::find(std::uint32_t email, std::size_t near) const {
    if (near < emails.size() && emails[near].email == email) return &emails[near].row;
    const auto found = std::ranges::lower_bound(emails, email, {}, &SortOfEmail::email);
    return found == emails.end() || found->email != email ? nullptr : &found->row;
}

std::size_t paged_bytes(const SortRow& row) {
    return row.subject.size() + row.people.size() + (row.references.size() + 1) * kHashBytes;
}

std::string encode_sort(const std::vector<SortOfEmail>& emails) {
    std::string value = begin_value();
    std::string subjects;
    std::string hashes;
    std::string people;
    bytes::append_varint(value, emails.size());
    std::uint32_t before = 0;
    std::int64_t arrival = 0;
    for (const auto& [email, row] : emails) {
        const std::int64_t came = microseconds(row.arrival);
        bytes::append_varint(value, email - std::exchange(before, email));
        bytes::append_varint(value, zigzag(minus(came, std::exchange(arrival, came))));
        bytes::append_varint(value, zigzag(minus(row.sent, seconds(row.arrival))));
        bytes::append_varint(value, (row.is_reply ? kIsReply : 0) | (row.id != 0 ? kHasId : 0));
        bytes::append_varint(value, row.references.size());
        bytes::append_string(subjects, row.subject);
        people += row.people;
        if (row.id != 0) bytes::append_big_endian(hashes, row.id);
        for (const std::uint64_t hash : row.references)
            bytes::append_big_endian(hashes, hash);
    }
    append_section(value, subjects);
    append_section(value, hashes);
    append_section(value, people);
    return value;
}

std::optional<SortPage> decode_sort(std::uint32_t group, std::uint32_t group_emails, std::string_view value,
                                    SortWanted wanted) {
    bytes::Reader in = open_value(value);
    SortPage page;
    std::vector<HashCount> counts;
    if (!read_numbers(in, group, group_emails, page, counts)) return std::nullopt;
    const Section subjects = read_section(in);
    const Section hashes = read_section(in);
    const Section people = read_section(in);
    if (!in.complete()) return std::nullopt;
    const auto octets = std::make_shared<SortOctets>();
    if (wanted.subject && !read_subjects(page, *octets, subjects)) return std::nullopt;
    if (wanted.threads && !read_hashes(page, *octets, hashes, counts)) return std::nullopt;
    if (wanted.people && !read_people(page, *octets, people)) return std::nullopt;
    page.octets_bytes = sizeof(SortOctets) + octets->subjects.capacity() + octets->people.capacity() +
                        octets->hashes.capacity() * kHashBytes;
    page.octets = octets;
    return page;
}

} // namespace record

} // namespace tegami::store
