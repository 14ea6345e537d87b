namespace GpuStack.Kubernetes.Schemas.Cel.Evaluation;

/// <summary>The variables and the remaining cost of one evaluation. Slot 0 is self, slot 1 oldSelf, macros use the rest.</summary>
internal sealed class CelActivation(int slots, long budget)
{
    private readonly object?[] _slots = new object?[slots];

    public long Remaining { get; private set; } = budget;

    public object? this[int slot]
    {
        get => _slots[slot];
        set => _slots[slot] = value;
    }

    /// <exception cref="CelBudgetException">The budget is used up.</exception>
    public void Charge(long cost)
    {
        Remaining -= cost;
        if (Remaining < 0)
            throw new CelBudgetException();
    }

    /// <summary>Reading text costs a tenth of its length, as in Kubernetes.</summary>
    public void ChargeText(long length) => Charge(length / 10 + 1);
}
