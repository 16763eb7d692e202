#include "service/jmapd/methods.h"

#include "service/jmapd/session_resource.h"

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

constexpr std::array kMethods{
    MethodEntry{"Core/echo", kCoreCapability, core_echo},
    MethodEntry{"Blob/copy", kCoreCapability, blob_copy},
    MethodEntry{"Mailbox/get", kMailCapability, mailbox_get},
    MethodEntry{"Mailbox/changes", kMailCapability, mailbox_changes},
    MethodEntry{"Mailbox/query", kMailCapability, mailbox_query},
    MethodEntry{"Mailbox/queryChanges", kMailCapability, mailbox_query_changes},
    MethodEntry{"Mailbox/set", kMailCapability, mailbox_set},
};

} // namespace

const MethodEntry* find_method(std::string_view name) {
    const auto* const found = std::ranges::find(kMethods, name, &MethodEntry::name);
    return found == kMethods.end() ? nullptr : found;
}

} // namespace tegami::jmapd
