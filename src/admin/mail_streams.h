// The operations that octets go into, and come out of: mail.
#pragma once

#include "admin/operation.h"

namespace tegami::admin {

/// /mail/take (mail_taking.cpp)
async::Awaitable<Answer> take_mail(const Dependencies* on, json::object request, net::BodySource* octets);
/// /mail/give (mail_giving.cpp)
async::Awaitable<Given> give_mail(const Dependencies* on, json::object request);

} // namespace tegami::admin
