// HTTP/1.1 requests and responses as values.
#pragma once

#include "base/ascii.h"

#include <map>
#include <string>

namespace tegami::net {

using HttpHeaders = std::map<std::string, std::string, ascii::CaseInsensitiveLess>;

struct HttpRequest {
    std::string method; ///< "GET"
    std::string target; ///< "/accounts?domain=a.test"
    HttpHeaders headers;
    std::string body;

    /// The target before "?".
    std::string path() const { return target.substr(0, target.find('?')); }
};

struct HttpResponse {
    unsigned status = 200;
    HttpHeaders headers;
    std::string body;
};

} // namespace tegami::net
