using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Controllers;

/// <summary>What the nodes offer by dynamic resource allocation, in whatever version the cluster serves it; nothing where it serves none.</summary>
[EntityRbac(typeof(V1ResourceSlice), Verbs = RbacVerb.List | RbacVerb.Watch)]
internal sealed class SliceView
{
    private const string ByNode = "node";

    private readonly Func<string, IEnumerable<V1ResourceSliceSpec?>>? _ofNode;
    private readonly Action<Action<string>> _follow;

    private SliceView(Func<string, IEnumerable<V1ResourceSliceSpec?>>? ofNode, Action<Action<string>> follow)
    {
        _ofNode = ofNode;
        _follow = follow;
    }

    public static SliceView Of(ControllerHost host, ResourceSliceVersion version) => version switch
    {
        ResourceSliceVersion.V1 => Of<V1ResourceSlice>(host, slice => slice.Spec, (slice, spec) => slice.Spec = spec),
        ResourceSliceVersion.V1beta1 => Of<V1beta1ResourceSlice>(host, slice => slice.Spec, (slice, spec) => slice.Spec = spec),
        _ => new SliceView(null, static _ => { }),
    };

    /// <summary>GPUs of a node; null where the cluster does not say.</summary>
    public int? GpusOf(string node) => _ofNode is null ? null : DraGpus.OfNode(_ofNode(node));

    /// <summary>Calls <paramref name="changed"/> with the name of a node whose slices came, changed or went; it must be quick.</summary>
    public void Follow(Action<string> changed) => _follow(changed);

    private static SliceView Of<T>(ControllerHost host, Func<T, V1ResourceSliceSpec?> spec, Action<T, V1ResourceSliceSpec?> set)
        where T : class, IKubernetesObject
    {
        var informer = host.Informer(new InformerOptions<T>
        {
            Trim = slice =>
            {
                slice.Metadata.Labels = null;
                slice.Metadata.Annotations = null;
                // Other drivers publish network cards and more.
                if (!DraGpus.IsOfGpus(spec(slice)))
                    set(slice, null);
            },
        });
        informer.AddIndex(ByNode, slice => spec(slice)?.NodeName is { } node ? [node] : []);
        return new SliceView(
            node => informer.Cache.ListByIndex(ByNode, node).Select(spec),
            changed => informer.AddHandler(change =>
            {
                if (spec(change.Object)?.NodeName is { } node)
                    changed(node);
            }));
    }
}
