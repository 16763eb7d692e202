#include "service/imapd/flags.h"

#include <utility>

namespace tegami::imapd {

namespace {

constexpr std::pair<store::Flag, imap::SystemFlag> kPairs[] = {
    {store::Flag::answered, imap::SystemFlag::answered}, {store::Flag::flagged, imap::SystemFlag::flagged},
    {store::Flag::deleted, imap::SystemFlag::deleted},   {store::Flag::seen, imap::SystemFlag::seen},
    {store::Flag::draft, imap::SystemFlag::draft},
};

} // namespace

store::Flags to_store(imap::SystemFlags flags) {
    store::Flags stored;
    for (const auto& [store_flag, imap_flag] : kPairs)
        if (flags.contains(imap_flag)) stored = stored | store::Flags{store_flag};
    return stored;
}

imap::SystemFlags to_imap(store::Flags flags) {
    imap::SystemFlags written;
    for (const auto& [store_flag, imap_flag] : kPairs)
        if (flags.has(store_flag)) written.insert(imap_flag);
    return written;
}

imap::SystemFlags all_system_flags() {
    return to_imap(store::Flags::from_bits(store::Flags::kAll));
}

} // namespace tegami::imapd
