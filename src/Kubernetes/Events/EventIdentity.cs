namespace GpuStack.Kubernetes.Events;

/// <summary>What makes two events the same: everything but the time.</summary>
internal readonly record struct EventIdentity(string? RegardingUid, string RegardingKey, string? RelatedKey, EventType Type, string Reason, string Action, string Note);
