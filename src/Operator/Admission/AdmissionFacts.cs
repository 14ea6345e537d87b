using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Admission;

/// <summary>What is known besides the spec; whatever is not known raises no doubt.</summary>
internal sealed record AdmissionFacts
{
    /// <summary>The claim that the operator made for the deployment's cache.</summary>
    public V1PersistentVolumeClaim? CacheClaim { get; init; }

    /// <summary>Tokens that the model was trained for.</summary>
    public long? ModelContext { get; init; }

    /// <summary>Bytes of the model.</summary>
    public long? ModelBytes { get; init; }

    /// <summary>A figure of a model as a fact; null where it is 0, for no header tells it.</summary>
    public static long? Known(long figure) => figure > 0 ? figure : null;
}
