"""Tests of `nbstream.pacing`: hours of traffic against simulated servers, in milliseconds."""
