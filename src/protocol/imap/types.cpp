#include "protocol/imap/types.h"

namespace tegami::imap {

std::string_view name_of(SystemFlag flag) {
    switch (flag) {
    case SystemFlag::answered: return "\\Answered";
    case SystemFlag::flagged: return "\\Flagged";
    case SystemFlag::deleted: return "\\Deleted";
    case SystemFlag::seen: return "\\Seen";
    case SystemFlag::draft: return "\\Draft";
    case SystemFlag::recent: return "\\Recent";
    }
    return {};
}

std::string_view name_of(SpecialUse use) {
    switch (use) {
    case SpecialUse::all: return "\\All";
    case SpecialUse::archive: return "\\Archive";
    case SpecialUse::drafts: return "\\Drafts";
    case SpecialUse::flagged: return "\\Flagged";
    case SpecialUse::junk: return "\\Junk";
    case SpecialUse::sent: return "\\Sent";
    case SpecialUse::trash: return "\\Trash";
    }
    return {};
}

} // namespace tegami::imap
