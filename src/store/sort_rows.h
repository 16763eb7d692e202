// What SORT and THREAD ask of many emails at once (message/sort_key.h says what it is).
#pragma once

#include "base/clock.h"
#include "message/sort_key.h"
#include "store/types.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// Which texts and numbers are to be there.
struct SortWanted {
    bool dates = false;   ///< which are always there
    bool subject = false; ///< and is_reply, which is always there
    bool threads = false; ///< id, references
    bool people = false;

    bool any() const { return dates || subject || threads || people; }
};

/// Of one email; what was not wanted is empty.
struct SortRow {
    Timestamp arrival{};   ///< the internal date
    std::int64_t sent = 0; ///< seconds since 1970; where the message does not say it, when it came
    bool is_reply = false;
    std::uint64_t id = 0;
    std::string_view subject;
    std::span<const std::uint64_t> references;
    std::string_view people; ///< person() takes it apart

    std::string_view person(message::SortPerson who) const;
};

/// In the order asked; for each, else, why it is not there: not_found, damaged.
struct SortRows {
    std::vector<StoreResult<SortRow>> each;
    std::vector<std::shared_ptr<const void>> octets; ///< what they lie in
    std::size_t octets_bytes = 0;
};

/// Limit: emails asked at once.
inline constexpr std::size_t kSortRowsMax = 4096;

/// Fields of a card with what their rows look into.
struct HeldSortFields {
    HeldSortFields(message::SortFields of, Timestamp arrival);

    /// Good as long as this stays where it is.
    SortRow row() const;

    Timestamp arrival;
    message::SortFields fields;
    std::string people;
};

} // namespace tegami::store
