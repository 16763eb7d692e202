// Which resolver the configuration asks for.
#pragma once

#include "app/configuration/config.h"
#include "net/unbound_resolver.h"

namespace tegami::app {

net::ResolverSettings resolver_settings(const ResolverConfig& config);

} // namespace tegami::app
