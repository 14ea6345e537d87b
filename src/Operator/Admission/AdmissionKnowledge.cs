using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Admission;

/// <summary>
/// Finds what is known of a deployment besides its spec, and quickly: of its claim what the informers have, of its model what its status says
/// or what can be read in a moment. What takes longer goes on for whoever asks next.
/// </summary>
internal sealed class AdmissionKnowledge(ModelInspector inspector, Func<DeploymentKey, IEnumerable<V1PersistentVolumeClaim>> claims, TimeProvider time)
{
    /// <summary>Reviews of whoever asks must not take the inspections that the controller needs.</summary>
    private const int MostReading = 4;

    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(1);

    private int _reading;

    /// <summary>How long a model is waited for where the API server waits for so long: it must be answered in time, with or without facts.</summary>
    public static TimeSpan PatienceWithin(TimeSpan? timeout) => timeout / 2 is { } half && half > TimeSpan.Zero && half < LongestPatience ? half : LongestPatience;

    /// <summary>Finds what there is.</summary>
    /// <param name="wanted">The deployment as it would be stored.</param>
    /// <param name="present">The deployment as it is; null for a new one.</param>
    /// <param name="patience">How long its model is waited for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<AdmissionFacts> FindAsync(ModelDeployment wanted, ModelDeployment? present, TimeSpan patience, CancellationToken cancellationToken)
    {
        var name = wanted.Metadata.Name ?? "";
        var claimName = ObjectName.CacheClaim(name);
        var facts = new AdmissionFacts
        {
            CacheClaim = claims(new DeploymentKey(wanted.Metadata.Namespace ?? "", name))
                .FirstOrDefault(claim => claim.Metadata.Name == claimName && claim.Metadata.Namespace == wanted.Metadata.Namespace && claim.Metadata.DeletionTimestamp is null),
        };
        // The status speaks of the source that was inspected.
        if (present?.Status?.Model is { ContextLength: not null } known && SpecHash.Source(wanted.Spec) == SpecHash.Source(present.Spec))
            return facts with { ModelContext = known.ContextLength, ModelBytes = known.Size?.ToInt64() };
        return await ReadAsync(wanted, patience, cancellationToken) is { } model
            ? facts with { ModelContext = AdmissionFacts.Known(model.ContextLength), ModelBytes = AdmissionFacts.Known(model.WeightBytes) }
            : facts;
    }

    private async Task<InspectedModel?> ReadAsync(ModelDeployment wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Nobody waits for it beyond the patience, and then nobody must be left with its failure.
        if (Interlocked.Increment(ref _reading) > MostReading)
        {
            Interlocked.Decrement(ref _reading);
            return null;
        }
        var reading = SafelyAsync(Anonymous(wanted));
        await Task.WhenAny(reading, Task.Delay(patience, time, cancellationToken));
        return reading.IsCompletedSuccessfully ? await reading : null;
    }

    private async Task<InspectedModel?> SafelyAsync(ModelDeployment wanted)
    {
        try
        {
            return await inspector.InspectAsync(wanted, CancellationToken.None);
        }
        catch (Exception exception) when (exception is InspectionFailedException or KubernetesException or HttpRequestException or IOException or OperationCanceledException)
        {
            // The status will tell; here it only means that nothing is known.
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
        }
    }

    /// <summary>
    /// A deployment whose model is read without a token. Nobody knows who asks here: a token that went to whatever address the question names
    /// would be anybody's.
    /// </summary>
    private static ModelDeployment Anonymous(ModelDeployment deployment)
    {
        if (deployment.Spec.Model.SecretRef is null)
            return deployment;
        var model = deployment.Spec.Model;
        return new ModelDeployment
        {
            Metadata = deployment.Metadata,
            Spec = new ModelDeploymentSpec
            {
                Engine = deployment.Spec.Engine,
                Model = new ModelSourceSpec
                {
                    HuggingFace = model.HuggingFace,
                    ModelScope = model.ModelScope,
                    Url = model.Url,
                    PersistentVolumeClaim = model.PersistentVolumeClaim,
                    Image = model.Image,
                    Mirrors = model.Mirrors,
                    Profile = model.Profile,
                },
            },
        };
    }
}
