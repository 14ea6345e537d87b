using GpuStack.Kubernetes.Schemas.Cel.Values;

namespace GpuStack.Kubernetes.Schemas.Cel.Evaluation;

/// <summary>A compiled expression with what it needs to run.</summary>
internal sealed class CelProgram(CelNode root, int slots, bool usesOldSelf)
{
    /// <summary>Kubernetes' limit of one evaluation.</summary>
    public const long CallBudget = 1_000_000;

    public bool UsesOldSelf => usesOldSelf;

    /// <summary>Runs it; an error comes back as a <see cref="CelError"/>.</summary>
    /// <param name="self">The value of self.</param>
    /// <param name="oldSelf">The value of oldSelf, where there is one.</param>
    /// <param name="budget">The cost left for the whole object; it is reduced.</param>
    public object? Run(object? self, object? oldSelf, ref long budget)
    {
        var granted = Math.Min(budget, CallBudget);
        var activation = new CelActivation(slots, granted) { [0] = self, [1] = oldSelf };
        try
        {
            return root.Evaluate(activation);
        }
        catch (CelBudgetException e)
        {
            return new CelError(e.Message);
        }
        finally
        {
            budget -= granted - Math.Max(0, activation.Remaining);
        }
    }
}
