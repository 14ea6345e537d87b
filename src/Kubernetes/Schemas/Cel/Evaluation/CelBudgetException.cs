namespace GpuStack.Kubernetes.Schemas.Cel.Evaluation;

/// <summary>An evaluation that costs more than allowed.</summary>
internal sealed class CelBudgetException : Exception
{
    public CelBudgetException() : base("operation cancelled: actual cost limit exceeded")
    {
    }
}
