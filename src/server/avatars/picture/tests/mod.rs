//! Tests of the whole pipeline: they send generated pictures and decode the resulting squares.

mod attacks;
mod box_filter;
mod colours;
mod fixtures;
mod photos;
