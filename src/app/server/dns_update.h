// The name server where the configuration lets us change records.
#pragma once

#include "app/configuration/config.h"
#include "net/dns_primary.h"

#include <functional>
#include <memory>
#include <string>

namespace tegami::app {

/// Makes it anew, with the secret as the file has it then. The error is for the operator.
using NewPrimary = std::function<Result<std::unique_ptr<net::DnsPrimary>, std::string>()>;

/// Empty if the configuration, which outlives it as the dependencies do, names none.
NewPrimary new_primary(const DnsUpdateConfig& config, net::DnsPrimary::Dependencies dependencies);

} // namespace tegami::app
