//! The pipeline from outside: generated pictures in, decoded squares looked at.

mod attacks;
mod box_filter;
mod colours;
mod dc_only;
mod fixtures;
mod photos;
