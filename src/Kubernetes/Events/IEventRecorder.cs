using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Events;

/// <summary>Tells users what happens to an object, in <c>kubectl describe</c> and <c>kubectl events</c>.</summary>
public interface IEventRecorder
{
    /// <summary>Notes an event; returns at once, never throws.</summary>
    /// <param name="regarding">The object; kind and apiVersion must be set, as they are in everything that was read.</param>
    /// <param name="type">Normal or Warning.</param>
    /// <param name="reason">CamelCase; cut after 128 bytes.</param>
    /// <param name="action">What was done or tried, CamelCase; cut after 128 bytes.</param>
    /// <param name="note">A sentence; cut after 1024 bytes.</param>
    /// <param name="related">Another object that has to do with it.</param>
    void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null);
}
