// Judges cases of SPF that spf_suite.py writes, one line of words for each thing, and prints one line for each case.
//   zone                              what follows is another DNS
//   record NAME TYPE RDATA            as in a zone file
//   broken NAME                       no question about this name is answered
//   case CLIENT HELO LOCAL DOMAIN     texts as "x" and hexadecimal octets; "-" for LOCAL and DOMAIN: <>
// Answers: OUTCOME EXPLANATION, which is "-" if there is none.
#include "base/ascii.h"
#include "base/assert.h"
#include "trust/spf/check_host.h"
#include "trust/zone_fixture.h"

#include <chrono>
#include <iostream>

namespace {

using namespace tegami;

std::string decoded(std::string_view word) {
    ASSERT(word.starts_with('x') && word.size() % 2 == 1);
    std::string octets;
    for (std::size_t i = 1; i < word.size(); i += 2)
        octets += static_cast<char>(ascii::hex_value(word[i]) * 16 + ascii::hex_value(word[i + 1]));
    return octets;
}

std::string encoded(std::string_view octets) {
    std::string word = "x";
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        word += ascii::kUpperHex[octet >> 4];
        word += ascii::kUpperHex[octet & 0xf];
    }
    return word;
}

spf::Verdict judge(trust::Zone& zone, const std::vector<std::string_view>& words) {
    spf::Input input{.client = *IpAddress::parse(words.at(1)),
                     .helo = decoded(words.at(2)),
                     .mail_from = {},
                     .receiver = "receiver.test",
                     .time = Timestamp(std::chrono::seconds(1'600'000'000))};
    if (words.at(4) != "-") input.mail_from = {.local_part = decoded(words.at(3)), .domain = decoded(words.at(4))};
    return zone.ask(
        [&](const trust::DnsAnswers& answers) { return spf::check_host(input, spf::Identity::mail_from, answers); });
}

} // namespace

int main() {
    trust::Zone zone;
    for (std::string line; std::getline(std::cin, line);) {
        const std::vector<std::string_view> words = ascii::split(line, ' ');
        if (words[0] == "zone") {
            zone = trust::Zone();
        } else if (words[0] == "record") {
            zone.add(std::string_view(line).substr(words[0].size() + 1));
        } else if (words[0] == "broken") {
            zone.break_name(words.at(1));
        } else {
            const spf::Verdict verdict = judge(zone, words);
            std::cout << to_string(verdict.outcome) << ' '
                      << (verdict.explanation ? encoded(*verdict.explanation) : "-") << '\n';
        }
    }
}
