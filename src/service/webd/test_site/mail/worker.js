// A worker of the tests
