#include "app/server/connection_gate.h"

#include <gtest/gtest.h>

#include <vector>

namespace tegami::app {
namespace {

using Places = std::vector<std::unique_ptr<ConnectionGate::Place>>;

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

/// How many of `count` connections are let in; the places are kept.
std::size_t enter(ConnectionGate& gate, Places& places, std::string_view from, std::size_t count) {
    std::size_t admitted = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto place = gate.enter(address(from));
        if (place && place->admitted()) ++admitted;
        if (place) places.push_back(std::move(place));
    }
    return admitted;
}

TEST(ConnectionGate, one_address_cannot_take_all_places) {
    MemoryBudget memory(1u << 30);
    ConnectionGate gate({.connections = 1000, .connections_per_address = 10}, memory);
    Places places;
    EXPECT_EQ(enter(gate, places, "192.0.2.1", 500), 10u);
    EXPECT_EQ(enter(gate, places, "2001:db8:1:2::1", 8), 8u);
    EXPECT_EQ(enter(gate, places, "2001:db8:1:2::2", 8), 2u) << "a /64 is one client";
    EXPECT_EQ(enter(gate, places, "192.0.2.2", 5), 5u) << "those that are turned away hold nobody's place";
    EXPECT_EQ(enter(gate, places, "127.0.0.1", 50), 50u);
    places.clear();
    EXPECT_EQ(enter(gate, places, "192.0.2.1", 10), 10u);
}

TEST(ConnectionGate, many_addresses_leave_room_for_others) {
    MemoryBudget memory(1u << 30);
    ConnectionGate gate({.connections = 1000, .connections_per_address = 100}, memory);
    Places places;
    for (int host = 1; host <= 20; ++host)
        enter(gate, places, "192.0.2." + std::to_string(host), 100);
    EXPECT_EQ(enter(gate, places, "192.0.2.1", 1), 0u);
    EXPECT_EQ(enter(gate, places, "198.51.100.1", 5), 5u);
}

TEST(ConnectionGate, turns_away_only_so_many_at_once) {
    MemoryBudget memory(1u << 30);
    ConnectionGate gate({.connections = 100, .connections_per_address = 100}, memory);
    Places places;
    EXPECT_EQ(enter(gate, places, "127.0.0.1", 1000), 100u);
    EXPECT_LT(places.size(), 400u);
    places.clear();
    EXPECT_EQ(enter(gate, places, "192.0.2.2", 3), 3u);
}

TEST(ConnectionGate, keeps_to_the_memory_budget) {
    MemoryBudget memory(100 * 28 * 1024);
    ConnectionGate gate({.connections = 1000, .connections_per_address = 1000}, memory);
    Places places;
    EXPECT_EQ(enter(gate, places, "127.0.0.1", 200), 100u);
    places.clear();
    EXPECT_EQ(memory.used(), 0u);
    memory.set_pressed(true);
    EXPECT_EQ(enter(gate, places, "192.0.2.1", 5), 0u);
    memory.set_pressed(false);
    EXPECT_EQ(enter(gate, places, "192.0.2.1", 5), 5u);
}

} // namespace
} // namespace tegami::app
