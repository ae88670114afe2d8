package wire

// File is a file of a closed day, or an answer that came.
type File struct {
	ID        string `json:"id"`
	OwnerID   string `json:"owner_id" doc:"The participant it is for or from; par_00000000000000000000000000 is the central bank"`
	Day       string `json:"day" doc:"The business day; of an answer the answered file's"`
	Kind      string `json:"kind" enum:"transfers,credits,records,answer" doc:"transfers: net positions for the central bank, pacs.009; credits: payouts for a bank, pacs.008; records: national clearing records, JSON; answer: pacs.002 or pain.002"`
	Name      string `json:"name"`
	Message   string `json:"message" doc:"The id by which answers name an ISO 20022 message"`
	Size      int64  `json:"size" doc:"Bytes"`
	SHA256    string `json:"sha256"`
	Status    string `json:"status" enum:"planned,ready,delivered,stuck,taken,refused" doc:"stuck: it is not delivered before somebody has looked"`
	Reason    string `json:"reason" doc:"Why it is not further, or what an answer did"`
	Place     string `json:"place" doc:"Where it was delivered to"`
	Attempts  int    `json:"attempts"`
	NextAt    Time   `json:"next_at" doc:"When it is tried next"`
	CreatedAt Time   `json:"created_at"`
	EndedAt   Time   `json:"ended_at" doc:"Delivered, taken or refused"`
}
