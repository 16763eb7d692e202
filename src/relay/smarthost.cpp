#include "relay/smarthost.h"

namespace tegami::relay {

std::optional<std::size_t> smarthost_for(std::span<const Smarthost> smarthosts,
                                         const std::optional<message::EmailAddress>& sender) {
    std::optional<std::size_t> for_all;
    for (std::size_t index = 0; index < smarthosts.size(); ++index) {
        const Smarthost& each = smarthosts[index];
        if (sender && each.domains.contains(sender->domain)) return index;
        if (each.domains.empty() && !for_all) for_all = index;
    }
    return for_all;
}

} // namespace tegami::relay
