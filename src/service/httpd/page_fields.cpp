#include "service/httpd/page_fields.h"

namespace tegami::httpd {

void add_page_fields(net::HttpResponse& response, std::string_view policy) {
    net::HttpFields& fields = response.fields;
    fields.add("Content-Security-Policy", std::string(policy));
    // The name alone: what is below it need not be ours.
    fields.add("Strict-Transport-Security", "max-age=31536000");
    fields.add("X-Content-Type-Options", "nosniff");
    fields.add("Referrer-Policy", "no-referrer");
    fields.add("Cross-Origin-Opener-Policy", "same-origin");
    fields.add("Cross-Origin-Resource-Policy", "same-origin");
    fields.add("Permissions-Policy",
               "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), "
               "usb=()");
}

} // namespace tegami::httpd
