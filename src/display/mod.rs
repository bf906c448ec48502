//! Pictures and notebook output.
