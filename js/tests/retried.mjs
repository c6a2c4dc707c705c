/** Names the tests that passed only when they were run again, which Vitest's own report may leave out. */
export class RetriedTests {
  #names = [];

  onTestCaseResult(test) {
    if (test.ok() && (test.diagnostic()?.retryCount ?? 0) > 0) {
      this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
    }
  }

  onTestRunEnd() {
    if (this.#names.length === 0) return;
    console.log(`\nPassed only when run again (${this.#names.length}):\n  ${this.#names.join("\n  ")}`);
  }
}
