// Precompiled for all rooms: what most of their files include, and that changes seldom.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "base/result.h"
#include "base/strong_id.h"
