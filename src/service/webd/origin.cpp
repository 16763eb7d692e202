#include "service/webd/origin.h"

namespace tegami::webd {

Origin origin_of(const net::HttpRequest& request, std::string_view base_url) {
    Origin origin = Origin::unsaid;
    for (const std::string_view site : request.fields.all("Sec-Fetch-Site")) {
        if (site == "same-origin")
            origin = Origin::ours;
        else if (site != "none")
            return Origin::others;
    }
    for (const std::string_view named : request.fields.all("Origin")) {
        if (named != base_url) return Origin::others;
        origin = Origin::ours;
    }
    return origin;
}

bool cookie_counts(const net::HttpRequest& request, std::string_view base_url) {
    const Origin origin = origin_of(request, base_url);
    const bool only_reads = request.method == "GET" || request.method == "HEAD";
    return origin == Origin::ours || (origin == Origin::unsaid && only_reads);
}

} // namespace tegami::webd
