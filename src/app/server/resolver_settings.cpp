#include "app/server/resolver_settings.h"

namespace tegami::app {

net::ResolverSettings resolver_settings(const ResolverConfig& config) {
    using Mode = net::ResolverSettings::Mode;
    net::ResolverSettings settings;
    switch (config.mode) {
    case ResolverMode::system: settings.mode = Mode::system; break;
    case ResolverMode::recursive: settings.mode = Mode::recursion; break;
    case ResolverMode::servers: settings.mode = Mode::forwarders; break;
    }
    settings.servers = config.servers;
    settings.trust_anchor_path = config.trust_anchor;
    return settings;
}

} // namespace tegami::app
