package io.forebay.testkit;

import io.forebay.state.SharedState;

class MemoryStateContractTest extends SharedStateContract {
    @Override
    protected SharedState open() {
        return SharedState.inMemory();
    }
}
