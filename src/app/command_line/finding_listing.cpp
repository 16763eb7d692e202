#include "app/command_line/finding_listing.h"

#include "app/command_line/phrase.h"
#include "app/command_line/server_words.h"
#include "app/command_line/terminal.h"

#include <fmt/format.h>

namespace tegami::app {

void print_health(std::span<const health::Finding> findings) {
    using health::Weight;
    const Language language = spoken_language();
    std::vector<std::vector<std::string>> rows;
    for (const auto& [weight, mark] :
         {std::pair{Weight::suffers, say("FAULT")}, {Weight::advice, say("better")}, {Weight::good, say("ok")}})
        for (const health::Finding& each : findings)
            if (each.weight == weight)
                rows.push_back({mark, fmt::format("{}: {}", from_server(language, each.about),
                                                  from_server(language, each.words))});
    print_table(rows);
}

json::object health_json(std::span<const health::Finding> findings) {
    json::array list;
    for (const health::Finding& each : findings)
        list.push_back(
            json::object{{"about", each.about}, {"weight", health::to_string(each.weight)}, {"words", each.words}});
    return {{"mail_suffers", health::mail_suffers(findings)}, {"findings", std::move(list)}};
}

} // namespace tegami::app
